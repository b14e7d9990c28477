//! SQL functions for mapping expressions, blocking rules, comparisons and gate checks: thin wrappers
//! around zlato-core, one a file. Each takes one text and gives one text, null for null.

mod digits;
mod fold;
mod latin;
mod phonetic;
mod sha256_hex;

pub(crate) use sha256_hex::sha256_hex;

use arrow::array::{ArrayRef, AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use datafusion::prelude::SessionContext;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A function from text to text.
#[derive(Debug, Clone)]
pub struct TextFunction {
    pub name: &'static str,
    /// One sentence and an example, for the reference page.
    pub description: &'static str,
    pub example: (&'static str, &'static str),
    call: fn(&str) -> Option<String>,
    signature: Signature,
}

impl TextFunction {
    fn new(
        name: &'static str,
        description: &'static str,
        example: (&'static str, &'static str),
        call: fn(&str) -> Option<String>,
    ) -> Self {
        let texts = vec![DataType::Utf8, DataType::LargeUtf8, DataType::Utf8View];
        Self { name, description, example, call, signature: Signature::uniform(1, texts, Volatility::Immutable) }
    }
}

/// Every function, by name.
pub fn all() -> Vec<TextFunction> {
    vec![digits::function(), fold::function(), latin::function(), phonetic::function(), sha256_hex::function()]
}

/// Makes the functions known to a session.
pub fn register(context: &SessionContext) {
    for function in all() {
        context.register_udf(ScalarUDF::from(function));
    }
}

impl PartialEq for TextFunction {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for TextFunction {}

impl Hash for TextFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for TextFunction {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [argument] = ColumnarValue::values_to_arrays(&args.args)?
            .try_into()
            .map_err(|_| datafusion::error::DataFusionError::Plan(format!("{} takes one argument", self.name)))?;
        let argument = cast(&argument, &DataType::Utf8)?;
        let result: StringArray = argument.as_string::<i32>().iter().map(|v| v.and_then(self.call)).collect();
        Ok(ColumnarValue::Array(Arc::new(result) as ArrayRef))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    #[test]
    fn every_example_holds() {
        for function in super::all() {
            let (input, output) = function.example;
            assert_eq!((function.call)(input).as_deref(), Some(output), "{}", function.name);
        }
    }
}
