//! Shared key: each request bears a signature made with the account's key, which itself never leaves.

use std::fmt::Write as _;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::Secret;
use azure_core::hmac::hmac_sha256;
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{Context, Request};
use azure_core::time::{OffsetDateTime, to_rfc7231};

/// The headers that are signed by their place, in this order.
const PLACES: [&str; 11] = [
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-type",
    "date",
    "if-modified-since",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "range",
];

/// Signs each try anew: the signature holds the time.
#[derive(Debug)]
pub(super) struct SharedKey {
    pub account: String,
    pub key: Secret,
}

#[async_trait]
impl Policy for SharedKey {
    async fn send(&self, ctx: &Context, request: &mut Request, next: &[Arc<dyn Policy>]) -> PolicyResult {
        request.insert_header("x-ms-date", to_rfc7231(&OffsetDateTime::now_utc()));
        let signature = hmac_sha256(&self.text(request), &self.key)?;
        request.insert_header("authorization", format!("SharedKey {}:{signature}", self.account));
        let (first, rest) = next.split_first().ok_or_else(|| {
            azure_core::Error::with_message(azure_core::error::ErrorKind::Other, "a pipeline without an end")
        })?;
        first.send(ctx, request, rest).await
    }
}

impl SharedKey {
    /// What is signed: the method, the headers that change a request's meaning, and what it is about.
    fn text(&self, request: &Request) -> String {
        let headers: Vec<_> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_ascii_lowercase(), value.as_str().trim().to_owned()))
            .collect();
        let get =
            |wanted: &str| headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
        let mut text = request.method().as_ref().to_owned();
        for place in PLACES {
            let value = match place {
                // The transport writes it when nobody did; none and zero are the same.
                "content-length" => get(place)
                    .or_else(|| request.body().len().map(|length| length.to_string()))
                    .filter(|length| length != "0"),
                _ => get(place),
            };
            let _ = write!(text, "\n{}", value.unwrap_or_default());
        }
        let mut own: Vec<_> = headers.iter().filter(|(name, _)| name.starts_with("x-ms-")).collect();
        own.sort();
        for (name, value) in own {
            let _ = write!(text, "\n{name}:{value}");
        }
        let _ = write!(text, "\n/{}{}", self.account, request.url().path());
        let mut query: Vec<_> = request
            .url()
            .query_pairs()
            .map(|(name, value)| (name.to_ascii_lowercase(), value.into_owned()))
            .collect();
        query.sort();
        for (name, value) in query {
            let _ = write!(text, "\n{name}:{value}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use azure_core::http::{Method, Url};

    // Proves A10: what is signed is what the service's documentation says.
    #[test]
    fn the_text_is_what_the_service_signs() {
        let url = "http://h/acc/ws1/a%20b?comp=block&BlockId=a%2Bb%3D&timeout=9";
        let mut request = Request::new(Url::parse(url).unwrap(), Method::Put);
        request.insert_header("content-length", "3");
        request.insert_header("content-md5", "c3Vt");
        request.insert_header("x-ms-version", "2021-12-02");
        request.insert_header("x-ms-date", "Mon, 01 Jan 2024 00:00:00 GMT");
        request.insert_header("if-match", "\"0x1\"");
        let key = SharedKey { account: "acc".into(), key: Secret::new("a2V5") };
        assert_eq!(
            key.text(&request),
            "PUT\n\n\n3\nc3Vt\n\n\n\n\"0x1\"\n\n\n\nx-ms-date:Mon, 01 Jan 2024 00:00:00 GMT\nx-ms-version:2021-12-02\n\
             /acc/acc/ws1/a%20b\nblockid:a+b=\ncomp:block\ntimeout:9"
        );
        let mut empty = Request::new(Url::parse("http://h/acc").unwrap(), Method::Get);
        empty.insert_header("content-length", "0");
        assert_eq!(key.text(&empty), "GET\n\n\n\n\n\n\n\n\n\n\n\n/acc/acc");
    }
}
