//! What a page costs when its tenant has a thousand projects, and when it has a hundred thousand.

use std::sync::Arc;
use std::time::Instant;

use axum::http::HeaderMap;
use serde_json::Value;
use skafu_functions::graphql::Graphql;
use skafu_store::{DynamoViewStore, MemoryViewStore};

use crate::fixture::{body, fixture};
use crate::{Failure, dynamo, ours};

const SIZES: [usize; 2] = [1_000, 100_000];
const LIMIT: u32 = 50;
const ROUNDS: usize = 15;
const REQUESTS: usize = 20;

/// Prints a row: the median of a page's milliseconds in each size, asked in turn, and their ratio.
pub async fn run() -> Result<(), Failure> {
    println!(
        "\n| a page of {LIMIT}, ms | {} projects | {} projects | ratio |\n|---|---|---|---|",
        SIZES[0], SIZES[1]
    );
    let mut handlers = Vec::new();
    for size in SIZES {
        let views = Arc::new(MemoryViewStore::default());
        ours::fill(&*views, &fixture(size)).await?;
        handlers.push(ours::router(views).await?.0);
    }
    print("the twins in memory", &handlers).await?;
    drop(handlers);
    let mut handlers = Vec::new();
    for size in SIZES {
        let views = Arc::new(DynamoViewStore::new(dynamo::dynamodb().await, "views"));
        ours::fill(&*views, &fixture(size)).await?;
        handlers.push(ours::router(views).await?.0);
    }
    print("the embedded DynamoDB", &handlers).await
}

async fn print(what: &str, handlers: &[Arc<Graphql>]) -> Result<(), Failure> {
    let mut millis = vec![Vec::new(); handlers.len()];
    for _ in 0..ROUNDS {
        for (handler, millis) in handlers.iter().zip(&mut millis) {
            let begun = Instant::now();
            for _ in 0..REQUESTS {
                let answer = handler.handle(&ours::event(HeaderMap::new(), body(LIMIT))).await;
                let Some(aws_lambda_events::encodings::Body::Text(text)) = answer.body else {
                    return Err("no answer".into());
                };
                let answer: Value = serde_json::from_str(&text)?;
                if answer["data"]["projects"]["items"].as_array().map(Vec::len) != Some(LIMIT as usize) {
                    return Err(format!("not a page: {text}").into());
                }
            }
            millis.push(begun.elapsed().as_secs_f64() * 1e3 / REQUESTS as f64);
        }
    }
    let median = |mut it: Vec<f64>| {
        it.sort_by(f64::total_cmp);
        it[it.len() / 2]
    };
    let [few, many] = [0, 1].map(|at| median(millis[at].clone()));
    println!("| {what} | {few:.2} | {many:.2} | {:.2} |", many / few);
    Ok(())
}
