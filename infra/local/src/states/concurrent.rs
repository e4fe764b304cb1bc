//! States that run graphs inside of them.

use futures::{StreamExt, TryStreamExt, future::try_join_all, stream};
use serde_json::{Map, Value, json};

use super::{
    attempt::render_or,
    definition::{Graph, MapEach},
    execution::Checkpoint,
    failure::{Failure, QUERY_EVALUATION},
    run::{Halt, Level, Run},
};

/// How many items of a `Map` run at a time if it sets no limit; Step Functions' own figure.
const DEFAULT_CONCURRENCY: usize = 40;

impl Run<'_> {
    /// Runs all branches at once. The first failure is the state's, and ends the others.
    pub(super) async fn parallel(
        &self,
        branches: &[Graph],
        input: Value,
        cursor: &Checkpoint,
        level: &Level,
    ) -> Result<Value, Halt> {
        let level = Level { is_top: false, map_item: level.map_item.clone() };
        let run = |branch| self.inner(branch, input.clone(), cursor.variables.clone(), &level);
        let runs = branches.iter().map(run);
        Ok(Value::Array(try_join_all(runs).await?))
    }

    /// Runs the processor for each item. The outputs are in the order of the items; the first failure is the
    /// state's, and ends the others.
    pub(super) async fn map(
        &self,
        each: &MapEach,
        cursor: &Checkpoint,
        level: &Level,
    ) -> Result<Value, Halt> {
        let scope = self.scope(cursor, level, None);
        let items = match render_or(&each.items, &scope, &cursor.input)? {
            Value::Array(items) => items,
            other => return Err(wrong(format!("the items must be a list, not {other}")).into()),
        };
        let limit = match &each.max_concurrency {
            None => 0,
            Some(template) => {
                let limit = template.render(&scope)?;
                let whole = limit.as_u64().and_then(|limit| usize::try_from(limit).ok());
                whole.ok_or_else(|| wrong(format!("the concurrency must be a whole number, not {limit}")))?
            }
        };
        let limit = if limit == 0 { DEFAULT_CONCURRENCY } else { limit };
        let runs = items.into_iter().enumerate().map(|(index, item)| async move {
            let level = Level { is_top: false, map_item: Some(json!({ "Index": index, "Value": item })) };
            let input = render_or(&each.selector, &self.scope(cursor, &level, None), &item)?;
            let variables = if each.is_distributed { Map::new() } else { cursor.variables.clone() };
            self.inner(&each.processor, input, variables, &level).await
        });
        Ok(Value::Array(stream::iter(runs).buffered(limit).try_collect().await?))
    }

    /// Runs a graph that sees these variables of the state around it, but cannot change them there.
    async fn inner(
        &self,
        graph: &Graph,
        input: Value,
        variables: Map<String, Value>,
        level: &Level,
    ) -> Result<Value, Halt> {
        let cursor = Checkpoint::entering(&graph.start_at, input, variables, self.clock.now());
        self.record(None, &[self.entered(&cursor)])?;
        let finished = self.walk(graph, cursor, level).await?;
        self.record(None, &finished.exit)?;
        Ok(finished.output)
    }
}

fn wrong(cause: String) -> Failure {
    Failure::new(QUERY_EVALUATION, cause)
}
