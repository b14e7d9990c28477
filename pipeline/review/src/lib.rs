//! zlato-review: the merge report.
use zlato_engine::context::Context;
use zlato_engine::error::Result;
use zlato_engine::run::Reporter;

#[derive(Debug, Default)]
pub struct HtmlReport;

impl Reporter for HtmlReport {
    fn write<'a>(
        &'a self,
        _context: &'a Context,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<String>> + Send + 'a>> {
        Box::pin(async { Ok("report.html".into()) })
    }
}
