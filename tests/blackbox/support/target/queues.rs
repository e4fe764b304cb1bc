use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{Message, QueueAttributeName};
use skafu_store::aws::Connection;
use tokio::runtime::Runtime;

use super::stack::runtime;

/// For how long a message that failed is hidden while a test waits for it, in seconds. Long enough for a
/// function's cold start: what is handled while it shows again counts as received twice.
const SOON: &str = "5";

/// How many tests of this process have the queue retry soon, and what its visibility timeout was before.
static HASTENED: Mutex<(usize, String)> = Mutex::new((0, String::new()));

/// A view's queue on a stack, and that of its dead letters.
pub struct ViewQueue {
    runtime: Runtime,
    client: Client,
    name: String,
    hastened: bool,
    /// The ids of dead letters that were there before this test sent anything.
    old: Option<Vec<String>>,
}

impl ViewQueue {
    pub fn named(connection: &Connection, name: &str) -> Self {
        let client = Client::new(&connection.sdk_config());
        Self { runtime: runtime(), client, name: name.to_owned(), hastened: false, old: None }
    }

    pub fn send(&mut self, body: &str) {
        if self.old.is_none() {
            self.old = Some(self.letters().into_keys().collect());
        }
        self.runtime.block_on(async {
            let send = self.client.send_message().queue_url(self.url(&self.name).await);
            send.message_body(body).send().await.unwrap();
        });
    }

    /// Shortens the visibility timeout, until the last test that asked for it is over.
    pub fn hasten(&mut self) {
        if self.hastened {
            return;
        }
        let mut hastened = HASTENED.lock().unwrap_or_else(PoisonError::into_inner);
        if hastened.0 == 0 {
            hastened.1 = self.visibility_timeout();
            self.set_visibility_timeout(SOON).unwrap();
        }
        hastened.0 += 1;
        self.hastened = true;
    }

    pub fn dead_letters(&self) -> Vec<String> {
        let old = self.old.as_deref().unwrap_or_default();
        let new = self.letters().into_iter().filter(|(id, _)| !old.contains(id));
        new.map(|(_, letter)| letter.body.unwrap_or_default()).collect()
    }

    /// Sends all dead letters to the view's queue again.
    pub fn redrive(&self) {
        let moved = self.runtime.block_on(async {
            let from = self.attribute(&self.dead(), QueueAttributeName::QueueArn).await;
            let to = self.attribute(&self.name, QueueAttributeName::QueueArn).await;
            // Named: what EventBridge put among the dead letters has no queue that it came from.
            self.client.start_message_move_task().source_arn(from).destination_arn(to).send().await
        });
        match moved {
            Ok(_) => {}
            // An emulator may not know the call. What it does is no secret.
            Err(error) if error.code() == Some("InvalidAction") => self.redrive_by_hand(),
            Err(error) => panic!("{}: {error:?}", self.dead()),
        }
    }

    fn redrive_by_hand(&self) {
        for letter in self.letters().into_values() {
            self.runtime.block_on(async {
                let send = self.client.send_message().queue_url(self.url(&self.name).await);
                send.set_message_body(letter.body.clone()).send().await.unwrap();
            });
            self.delete(letter);
        }
    }

    pub fn discard(&self, body: &str) {
        let letters = self.letters().into_values().filter(|letter| letter.body.as_deref() == Some(body));
        letters.for_each(|letter| self.delete(letter));
    }

    fn delete(&self, letter: Message) {
        self.runtime.block_on(async {
            let delete = self.client.delete_message().queue_url(self.url(&self.dead()).await);
            delete.set_receipt_handle(letter.receipt_handle).send().await.unwrap();
        });
    }

    fn dead(&self) -> String {
        format!("{}-dlq", self.name)
    }

    /// The dead letters by their ids, still there for everybody else. Each look shows some of them.
    fn letters(&self) -> BTreeMap<String, Message> {
        self.runtime.block_on(async {
            let url = self.url(&self.dead()).await;
            let mut letters = BTreeMap::new();
            for _ in 0..3 {
                let look = self.client.receive_message().queue_url(&url).max_number_of_messages(10);
                let seen = look.visibility_timeout(0).send().await.unwrap().messages.unwrap_or_default();
                letters.extend(seen.into_iter().map(|it| (it.message_id.clone().unwrap_or_default(), it)));
            }
            letters
        })
    }

    async fn url(&self, name: &str) -> String {
        let found = self.client.get_queue_url().queue_name(name).send().await.unwrap();
        found.queue_url.unwrap_or_else(|| panic!("no queue {name}"))
    }

    async fn attribute(&self, queue: &str, name: QueueAttributeName) -> String {
        let get = self.client.get_queue_attributes().queue_url(self.url(queue).await);
        let got = get.attribute_names(name.clone()).send().await.unwrap();
        got.attributes.unwrap_or_default().remove(&name).unwrap_or_else(|| panic!("{queue} has no {name}"))
    }

    fn visibility_timeout(&self) -> String {
        self.runtime.block_on(self.attribute(&self.name, QueueAttributeName::VisibilityTimeout))
    }

    fn set_visibility_timeout(&self, seconds: &str) -> Result<(), aws_sdk_sqs::Error> {
        self.runtime.block_on(async {
            let set = self.client.set_queue_attributes().queue_url(self.url(&self.name).await);
            set.attributes(QueueAttributeName::VisibilityTimeout, seconds).send().await?;
            Ok(())
        })
    }
}

impl Drop for ViewQueue {
    fn drop(&mut self) {
        if !self.hastened {
            return;
        }
        let mut hastened = HASTENED.lock().unwrap_or_else(PoisonError::into_inner);
        hastened.0 -= 1;
        if hastened.0 == 0
            && let Err(error) = self.set_visibility_timeout(&hastened.1)
        {
            // The test may be failing already: a panic now would end all others.
            eprintln!(
                "{} keeps a visibility timeout of {SOON} s instead of {}: {error}",
                self.name, hastened.1
            );
        }
    }
}
