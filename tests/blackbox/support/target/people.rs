use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::types::{AttributeType, AuthFlowType, MessageActionType};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use skafu_store::aws::Connection;
use tokio::runtime::Runtime;
use uuid::Uuid;

use super::stack::runtime;
use super::{Identity, Session};

/// The user pool of a stack. Whoever signs in is new to it: no two tests know the same person.
pub struct People {
    runtime: Runtime,
    client: Client,
    pool: String,
    app: String,
}

impl People {
    pub fn of(connection: &Connection, pool: &str, app: &str) -> Self {
        let client = Client::new(&connection.sdk_config());
        Self { runtime: runtime(), client, pool: pool.to_owned(), app: app.to_owned() }
    }

    /// Makes somebody of that role and tenant, and signs them in.
    pub fn sign_in(&self, who: &Identity) -> Session {
        // A person of two roles is two people here, so the role is part of the address.
        let email = format!("{}.{}@{}.example.com", who.user, who.role, who.tenant);
        // Of each kind of character that a pool may ask for.
        let password = format!("Aa1!{}", Uuid::new_v4().simple());
        let token = self.runtime.block_on(async {
            self.create(&email, who, &password).await;
            self.authenticate(&email, &password).await
        });
        let user_id = subject(&token);
        Session { token, user_id }
    }

    async fn create(&self, email: &str, who: &Identity, password: &str) {
        let attribute = |name: &str, value: &str| {
            AttributeType::builder().name(name).value(value).build().expect("a name and a value")
        };
        let create = self.client.admin_create_user().user_pool_id(&self.pool).username(email);
        let create = create.message_action(MessageActionType::Suppress).set_user_attributes(Some(vec![
            attribute("email", email),
            attribute("email_verified", "true"),
            attribute("custom:tenant", &who.tenant),
        ]));
        create.send().await.unwrap();
        let set = self.client.admin_set_user_password().user_pool_id(&self.pool).username(email);
        set.password(password).permanent(true).send().await.unwrap();
        let join = self.client.admin_add_user_to_group().user_pool_id(&self.pool).username(email);
        join.group_name(group(&who.role)).send().await.unwrap();
    }

    async fn authenticate(&self, email: &str, password: &str) -> String {
        let ask = self.client.admin_initiate_auth().user_pool_id(&self.pool).client_id(&self.app);
        let ask = ask.auth_flow(AuthFlowType::AdminUserPasswordAuth);
        let ask = ask.auth_parameters("USERNAME", email).auth_parameters("PASSWORD", password);
        let answer = ask.send().await.unwrap();
        let tokens = answer.authentication_result.unwrap_or_else(|| panic!("{email} was not let in"));
        tokens.id_token.expect("an ID token")
    }
}

/// The group that gives a role: `Developer` for `developer`.
fn group(role: &str) -> String {
    let (first, rest) = role.split_at(1);
    format!("{}{rest}", first.to_uppercase())
}

/// Who a token is about.
fn subject(token: &str) -> String {
    let payload = token.split('.').nth(1).expect("a payload");
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    claims["sub"].as_str().expect("a subject").to_owned()
}
