use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use skafu_forge::git::{MAIN_REF, bundle_heads};
use skafu_store::aws::Connection;
use tokio::runtime::Runtime;

use super::Repository;
use super::stack::runtime;

/// The repositories of a stack: git bundles in a bucket.
pub struct Bundles {
    runtime: Runtime,
    client: Client,
    bucket: String,
}

impl Bundles {
    pub fn in_bucket(connection: &Connection, bucket: &str) -> Self {
        // An emulator has no host name for each bucket.
        let config = Builder::from(&connection.sdk_config()).force_path_style(connection.endpoint.is_some());
        Self { runtime: runtime(), client: Client::from_conf(config.build()), bucket: bucket.to_owned() }
    }

    /// The bundles whose keys begin so.
    pub fn below(&self, prefix: &str) -> Vec<Repository> {
        self.runtime.block_on(async {
            let list = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix);
            let listed = list.send().await.unwrap();
            assert_ne!(listed.is_truncated, Some(true), "{prefix}: more than one project has");
            let mut found = Vec::new();
            for object in listed.contents() {
                found.push(self.read(object.key().unwrap()).await);
            }
            found
        })
    }

    async fn read(&self, key: &str) -> Repository {
        let object = self.client.get_object().bucket(&self.bucket).key(key).send().await.unwrap();
        let bytes = object.body.collect().await.unwrap().into_bytes();
        let heads = bundle_heads(&bytes).unwrap_or_else(|| panic!("{key} is no bundle"));
        let [(branch, main_commit), (head, same)] = &heads[..] else { panic!("{key}: {heads:?}") };
        assert_eq!((branch.as_str(), head.as_str(), same), (MAIN_REF, "HEAD", main_commit), "{key}");
        Repository { url: format!("s3://{}/{key}", self.bucket), main_commit: main_commit.clone() }
    }
}
