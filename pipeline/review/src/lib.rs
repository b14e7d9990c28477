//! zlato-review: the merge report. Enter: the tables of a run. Leaves: one self-contained HTML page,
//! readable by its owner only. Never here: the network, a script that the page needs, or more than samples.

pub mod components;
pub mod curve;
pub mod data;
pub mod page;
pub mod rows;
pub mod text;
pub mod words;

use askama::Template;
use data::{Data, Last};
use page::Page;
use zlato_core::matching::model::Model;
use zlato_engine::catalog::Catalog;
use zlato_engine::context::Context;
use zlato_engine::error::{Error, Result};
use zlato_engine::files;
use zlato_engine::manifest::Manifest;
use zlato_engine::run::Reporter;

/// File name of the report in the folder of its run.
pub const FILE: &str = "report.html";

/// Writes the merge report as `report.html`.
#[derive(Debug, Clone)]
pub struct HtmlReport {
    /// Rows of an example table; what does not fit is counted, with the command that shows it.
    pub samples: usize,
}

impl Default for HtmlReport {
    fn default() -> Self {
        Self { samples: 25 }
    }
}

impl Reporter for HtmlReport {
    fn write<'a>(
        &'a self,
        context: &'a Context,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<String>> + Send + 'a>> {
        Box::pin(async move {
            let folder = context.folder();
            let catalog =
                Catalog::of(context.manifest.clone(), folder.clone(), context.store.clone(), context.options.limits)
                    .await?;
            catalog.join_in_memory();
            let last = match (&context.last, &context.manifest.previous) {
                (Some(store), Some(run)) => Manifest::read(&context.options.out.join("runs").join(run))?
                    .map(|manifest| Last { manifest, store: store.clone() }),
                _ => None,
            };
            // The model of this very run, trained or given.
            let model = std::fs::read_to_string(folder.join("model.toml")).ok();
            let model = model.and_then(|text| Model::from_toml(&text).ok());
            let out = context.options.out.display().to_string();
            let data =
                Data::new(&catalog, &context.rules.rules, model.as_ref(), last.as_ref(), self.samples, out).await?;
            let html = render(&data).await?;
            context.cancel.check()?;
            files::replace(&folder.join(FILE), html.as_bytes())?;
            Ok(FILE.into())
        })
    }
}

/// The report as HTML.
///
/// # Errors
/// When a table cannot be read.
pub async fn render(data: &Data<'_>) -> Result<String> {
    let page = Page::of(data).await?;
    page.render().map_err(|e| Error::Internal(format!("the report cannot be drawn: {e}")))
}
