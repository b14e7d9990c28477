//! SQL expressions of rule files, planned against the columns they will meet.
//! Enter: text and columns. Leave: an expression ready to evaluate. Never here: running it.

use crate::functions;
use datafusion::common::tree_node::TreeNode;
use datafusion::common::{DFSchema, Result, plan_err};
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{Expr, Volatility};
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
        let unsteady = expression.exists(|e| {
            Ok(matches!(e, Expr::ScalarFunction(f) if f.func.signature().volatility != Volatility::Immutable))
        })?;
        if unsteady {
            return plan_err!(
                "functions that ask a clock or chance are not allowed: the same input must give the same tables"
            );
        }
        let context = SimplifyContext::builder()
            .with_schema(Arc::new(self.columns.clone()))
            .with_config_options(state.config_options().clone())
            .build();
        let simplifier = ExprSimplifier::new(context);
        let expression = simplifier.simplify(simplifier.coerce(expression, &self.columns)?)?;
        self.context.create_physical_expr(expression, &self.columns)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use arrow::array::{AsArray, RecordBatch, StringArray};

    #[test]
    fn coalesce_runs_and_a_clock_is_refused() {
        let schema = crate::tables::schema(vec![crate::tables::text("a"), crate::tables::text("b")]);
        let planner = Planner::new(&schema).unwrap();
        let columns: [StringArray; 2] =
            [StringArray::from(vec![None, Some("1")]), StringArray::from(vec![Some("2"), Some("3")])];
        let batch = RecordBatch::try_new(schema, columns.map(|c| Arc::new(c) as _).to_vec()).unwrap();
        let found = planner.plan("coalesce(a, fold(b))").unwrap().evaluate(&batch).unwrap().into_array(2).unwrap();
        let found: Vec<_> = found.as_string::<i32>().iter().map(|v| v.unwrap().to_string()).collect();
        assert_eq!(found, ["2", "1"]);
        assert!(planner.plan("CAST(now() AS VARCHAR)").is_err(), "tomorrow must give the same tables");
        assert!(planner.plan("c").is_err());
    }
}
