//! What a task can call.

use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc};

use async_trait::async_trait;
use futures::FutureExt;
use serde_json::{Value, json};

use super::{
    definition::LAMBDA_INVOKE,
    failure::{Failure, RUNTIME},
};
use crate::invoke::Invoke;

/// Calls services on behalf of a state machine.
#[async_trait]
pub trait Tasks: Send + Sync {
    /// Calls the service of this resource name and returns its result.
    async fn call(&self, resource: &str, arguments: Value) -> Result<Value, Failure>;
}

/// Calls functions, as `arn:aws:states:::lambda:invoke` does.
pub struct LambdaTasks {
    functions: HashMap<String, Arc<dyn Invoke>>,
}

impl LambdaTasks {
    /// The functions by name: whatever a definition's `FunctionName` holds once the template's
    /// substitutions are made.
    pub fn new(functions: HashMap<String, Arc<dyn Invoke>>) -> Self {
        Self { functions }
    }
}

#[async_trait]
impl Tasks for LambdaTasks {
    async fn call(&self, resource: &str, mut arguments: Value) -> Result<Value, Failure> {
        if resource != LAMBDA_INVOKE {
            return Err(Failure::new(RUNTIME, format!("`{resource}` cannot be called here")));
        }
        let name = arguments["FunctionName"].as_str().unwrap_or_default().to_owned();
        let Some(function) = self.functions.get(&name) else {
            let cause = format!("there is no function named `{name}`");
            return Err(Failure::new("Lambda.ResourceNotFoundException", cause));
        };
        let payload = arguments.get_mut("Payload").map(Value::take);
        let call = function.invoke(payload.unwrap_or_else(|| json!({})));
        // A panic ends one call, as it would on Lambda, not the execution.
        let Ok(answer) = AssertUnwindSafe(call).catch_unwind().await else {
            return Err(Failure::new("Runtime.ExitError", format!("the function `{name}` panicked")));
        };
        match answer {
            Ok(payload) => Ok(json!({ "ExecutedVersion": "$LATEST", "Payload": payload, "StatusCode": 200 })),
            Err(failure) => {
                let object =
                    json!({ "errorMessage": failure.error_message, "errorType": failure.error_type });
                Err(Failure::new(failure.error_type, object.to_string()))
            }
        }
    }
}

impl std::fmt::Debug for LambdaTasks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.functions.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invoke::FunctionFailure;

    struct Echo;

    #[async_trait]
    impl Invoke for Echo {
        async fn invoke(&self, payload: Value) -> Result<Value, FunctionFailure> {
            match payload["do"].as_str() {
                Some("fail") => Err(FunctionFailure::new("Declined", "no funds")),
                Some("panic") => panic!("on demand"),
                _ => Ok(payload),
            }
        }
    }

    async fn call(arguments: Value) -> Result<Value, Failure> {
        let echo: Arc<dyn Invoke> = Arc::new(Echo);
        LambdaTasks::new(HashMap::from([("echo".to_owned(), echo)])).call(LAMBDA_INVOKE, arguments).await
    }

    #[tokio::test]
    async fn a_function_is_called_as_step_functions_does() {
        let result = call(json!({ "FunctionName": "echo", "Payload": { "n": 1 } })).await;
        let expected = json!({ "StatusCode": 200, "Payload": { "n": 1 }, "ExecutedVersion": "$LATEST" });
        assert_eq!(result, Ok(expected));
    }

    #[tokio::test]
    async fn its_failure_carries_the_error_type_and_the_error_object() {
        let failure = call(json!({ "FunctionName": "echo", "Payload": { "do": "fail" } })).await.unwrap_err();
        assert_eq!(failure.error, "Declined");
        let cause: Value = serde_json::from_str(&failure.cause).unwrap();
        assert_eq!(cause, json!({ "errorType": "Declined", "errorMessage": "no funds" }));
    }

    #[tokio::test]
    async fn a_panic_is_a_failure_of_the_task() {
        let failure =
            call(json!({ "FunctionName": "echo", "Payload": { "do": "panic" } })).await.unwrap_err();
        assert_eq!(failure.error, "Runtime.ExitError");
    }

    #[tokio::test]
    async fn an_unknown_function_is_a_failure_of_the_task() {
        let failure = call(json!({ "FunctionName": "nobody" })).await.unwrap_err();
        assert_eq!(failure.error, "Lambda.ResourceNotFoundException");
    }
}
