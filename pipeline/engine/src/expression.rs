//! SQL expressions of rule files, planned against the columns they will meet.
//! Enter: text and columns. Leave: an expression ready to evaluate. Never here: running it.

use crate::functions;
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::prelude::SessionContext;
use std::sync::Arc;

/// Plans expressions over one set of columns.
pub struct Planner {
    context: SessionContext,
    columns: DFSchema,
}

impl Planner {
    pub fn new(schema: &arrow::datatypes::SchemaRef) -> Result<Self> {
        let context = SessionContext::new();
        functions::register(&context);
        Ok(Self { context, columns: DFSchema::try_from(schema.as_ref().clone())? })
    }

    /// Plans one expression. Functions such as `coalesce` exist only after simplification; those that
    /// ask a clock, such as `now`, fail here: the same input must give the same tables tomorrow.
    pub fn plan(&self, sql: &str) -> Result<Arc<dyn PhysicalExpr>> {
        let state = self.context.state();
        let expression = self.context.parse_sql_expr(sql, &self.columns)?;
        let context = SimplifyContext::builder()
            .with_schema(Arc::new(self.columns.clone()))
            .with_config_options(state.config_options().clone())
            .build();
        let simplifier = ExprSimplifier::new(context);
        let expression = simplifier.simplify(simplifier.coerce(expression, &self.columns)?)?;
        self.context.create_physical_expr(expression, &self.columns)
    }
}
