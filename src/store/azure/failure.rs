//! What the service's refusals mean, in words for a person: what happened, to what, and what to do.

use std::error::Error as _;
use std::fmt::Write as _;

use azure_core::error::ErrorKind;
use azure_core::http::StatusCode;
use azure_core::http::headers::HeaderName;
use azure_core::time::{OffsetDateTime, parse_rfc7231};

use super::account::Credential;
use super::client::Client;
use crate::model::names::visible;
use crate::store::StoreError;
use crate::store::blobs::Address;
use crate::store::error::Outlook;

/// Clocks may differ so much, in seconds, before the service refuses signatures.
const SKEW: i64 = 15 * 60;

impl Client {
    /// What is known of the account without asking: never its credential.
    pub fn place(&self) -> String {
        format!("the storage account {} at {}", self.account.name, self.account.endpoint)
    }

    /// An error as the store tells it. `action` fits before the account: "list ws1/ on".
    pub fn failure(&self, action: &str, at: &Address, error: &azure_core::Error) -> StoreError {
        let (detail, outlook) = match error.kind() {
            ErrorKind::HttpResponse { status, error_code, raw_response } => {
                let code = error_code.as_deref().unwrap_or_default();
                match (*status, code) {
                    (StatusCode::NotFound, "ContainerNotFound") => {
                        let name = visible(&at.container);
                        return StoreError::Missing { what: "container", name, nearest: None };
                    }
                    (StatusCode::NotFound, _) => {
                        return StoreError::Missing { what: "blob", name: at.to_string(), nearest: None };
                    }
                    (StatusCode::PreconditionFailed, "ConditionNotMet") => {
                        return StoreError::Changed { name: at.to_string() };
                    }
                    _ => {}
                }
                let date = raw_response.as_ref().and_then(|response| {
                    let date = response.headers().get_optional_str(&HeaderName::from_static("date"))?;
                    parse_rfc7231(date).ok()
                });
                let apart = date.map_or(0, |date| (OffsetDateTime::now_utc() - date).whole_seconds());
                (self.refusal(*status, code, apart), outlook(*status))
            }
            ErrorKind::Connection => (
                format!("it cannot be reached ({}); check its `endpoint` and the network", cause(error)),
                Outlook::MayPass,
            ),
            ErrorKind::Io => {
                (format!("the connection failed ({}); try again", cause(error)), Outlook::MayPass)
            }
            ErrorKind::Credential => (
                format!("Entra ID gives no token ({}); sign in with `az login`, or give a key", cause(error)),
                Outlook::Stays,
            ),
            _ => (cause(error), Outlook::Stays),
        };
        StoreError::Service { action: action.to_owned(), place: self.place(), detail, outlook }
    }

    fn refusal(&self, status: StatusCode, code: &str, apart: i64) -> String {
        let what = match &self.account.credential {
            Credential::Key(_) => "the account's key",
            Credential::Sas(_) => "the shared access signature",
            Credential::Token(_) => "the token of Entra ID",
        };
        match code {
            _ if apart.abs() > SKEW && status == StatusCode::Forbidden => {
                let way = if apart > 0 { "ahead of" } else { "behind" };
                let minutes = apart.abs() / 60;
                format!("this machine's clock is {minutes} minutes {way} the service's: set it right")
            }
            "AuthenticationFailed" | "InvalidAuthenticationInfo" | "NoAuthenticationInformation"
            | "AuthorizationFailure" => {
                format!("{what} is refused ({code}): check it in the configuration, and the account's network rules")
            }
            "AuthorizationPermissionMismatch" | "InsufficientAccountPermissions"
            | "AuthorizationServiceMismatch" | "AuthorizationResourceTypeMismatch" => {
                format!("{what} does not allow this ({code}): ask the account's owner for the right to read and write blobs")
            }
            "ContainerBeingDeleted" => "a container of that name is still being deleted: try again in a minute".to_owned(),
            "InvalidBlobOrBlock" | "InvalidBlockId" => {
                "another program's unfinished upload of this blob is in the way: delete the blob, or wait until the \
                 service drops what is unfinished (a week)"
                    .to_owned()
            }
            "InvalidBlobType" => "a blob of another kind is there already: delete it first".to_owned(),
            "" => format!("it answers {}", u16::from(status)),
            code => format!("it answers {} ({})", u16::from(status), visible(code)),
        }
    }
}

/// The service's own word for what is wrong.
pub(super) fn code(error: &azure_core::Error) -> Option<&str> {
    match error.kind() {
        ErrorKind::HttpResponse { error_code, .. } => error_code.as_deref(),
        _ => None,
    }
}

fn outlook(status: StatusCode) -> Outlook {
    match u16::from(status) {
        408 | 429 | 500..=599 => Outlook::MayPass,
        _ => Outlook::Stays,
    }
}

/// The innermost reason, which is the one that says something, without what an address may hold.
fn cause(error: &azure_core::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text = inner.to_string();
        source = inner.source();
    }
    visible(&redact(&text))
}

/// Takes the queries out of addresses: a signature may be in one.
fn redact(text: &str) -> String {
    let mut clean = String::new();
    for (place, piece) in text.split('?').enumerate() {
        if place == 0 {
            clean.push_str(piece);
        } else {
            let end = piece.find(|c: char| c.is_whitespace() || matches!(c, ')' | '"' | '\'' | '>'));
            let _ = write!(clean, "?…{}", end.and_then(|end| piece.get(end..)).unwrap_or_default());
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves P10: no signature of an address is ever told.
    #[test]
    fn addresses_are_told_without_their_queries() {
        let text =
            "error for url (http://h/c?sv=1&sig=hunter2): oops \"http://h/?sig=hunter2\" end?sig=hunter2";
        assert_eq!(redact(text), "error for url (http://h/c?…): oops \"http://h/?…\" end?…");
        assert_eq!(redact("no address"), "no address");
    }
}
