use skafu_domain::Principal;
use skafu_events::StreamId;
use skafu_store::Chain;
use skafu_store::consistency::{ConsistencyTokens, Holder, TokenError, Written};

use crate::{Clock, Problem};

/// What a caller is told of their own writes, and tells of them: tokens with which questions see them.
pub(super) struct Session<'a> {
    pub tokens: Option<&'a ConsistencyTokens>,
    pub clock: &'a dyn Clock,
    pub caller: &'a Principal,
}

impl Session<'_> {
    /// What the token that came with a command says; it goes on in the answer's. One that has expired says
    /// nothing any more. Without keys nobody can tell, and a command does not fail for that.
    pub async fn before(&self, token: Option<&str>) -> Result<Written, Problem> {
        let (Some(tokens), Some(token)) = (self.tokens, token) else { return Ok(Written::default()) };
        match tokens.read(self.holder(), token, self.clock.now()).await {
            Ok(written) => Ok(written),
            Err(TokenError::Forged) => Err(Problem::invalid_consistency_token()),
            Err(TokenError::Expired) => Ok(Written::default()),
            Err(TokenError::Keys(error)) => {
                tracing::warn!(error = %Chain(&error), "a consistency token is not read");
                Ok(Written::default())
            }
        }
    }

    /// A token that has what was written before, and this. None if there are no keys: the command is
    /// accepted all the same.
    pub async fn after(&self, mut written: Written, stream: StreamId, version: u64) -> Option<String> {
        let tokens = self.tokens?;
        // What has no version was never begun: there is nothing to see.
        if version > 0 {
            written.note(stream, version);
        }
        let token = tokens.issue(self.holder(), &written, self.clock.now()).await;
        let token = token.inspect_err(|error| {
            tracing::warn!(error = %Chain(error), "no consistency token is given out");
        });
        token.ok()
    }

    fn holder(&self) -> Holder<'_> {
        Holder { tenant: self.caller.tenant(), user_id: self.caller.user_id() }
    }
}
