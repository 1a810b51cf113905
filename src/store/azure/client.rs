//! The client of an account: addresses, requests, and how often they are made.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::Bytes;
use azure_core::http::policies::auth::BearerTokenAuthorizationPolicy;
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{
    ClientOptions, Context, ExponentialRetryOptions, HttpClientOptions, Method, Pipeline, RawResponse,
    Request, RetryOptions, Transport, Url, new_http_client,
};
use azure_storage_blobs::{
    AppendBlobClient, BlobClient, BlobClientOptions, BlobContainerClient, BlobContainerClientOptions,
    BlobServiceClient, BlobServiceClientOptions, BlockBlobClient,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::account::{Account, Credential};
use super::entra::Token;
use super::signing::SharedKey;
use crate::store::blobs::{Address, below};
use crate::store::{Result, StoreError};

/// What is written as it is in the path of an address.
const PLAIN: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// How much is under way at once, and how long is tried.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes that travel in one request. Memory is bounded by this times `slots`.
    pub block: usize,
    /// Requests with data at once.
    pub slots: usize,
    /// How often a request is made again that failed in a way that may pass.
    pub retries: u32,
    /// The wait before it is made again the first time; each further one is longer, and a little by chance.
    pub pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { block: 4 << 20, slots: 16, retries: 4, pause: Duration::from_millis(200) }
    }
}

/// The longest wait before a request is made again.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// The longest that one request is tried again and again.
const PATIENCE: Duration = Duration::from_mins(1);

/// An account that can be asked; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pub account: Account,
    pub limits: Limits,
    options: ClientOptions,
    token: Option<Token>,
    pipeline: Pipeline,
    tally: Arc<Tally>,
}

/// Counts requests and how often they were made.
#[derive(Debug, Default)]
struct Tally {
    calls: AtomicU64,
    tries: AtomicU64,
    again: AtomicU64,
}

#[derive(Debug)]
struct CountCalls(Arc<Tally>);

#[derive(Debug)]
struct CountTries(Arc<Tally>);

async fn on(ctx: &Context<'_>, request: &mut Request, next: &[Arc<dyn Policy>]) -> PolicyResult {
    let (first, rest) = next.split_first().ok_or_else(|| {
        azure_core::Error::with_message(azure_core::error::ErrorKind::Other, "a pipeline without an end")
    })?;
    first.send(ctx, request, rest).await
}

#[async_trait]
impl Policy for CountCalls {
    async fn send(&self, ctx: &Context, request: &mut Request, next: &[Arc<dyn Policy>]) -> PolicyResult {
        self.0.calls.fetch_add(1, Ordering::Relaxed);
        on(ctx, request, next).await
    }
}

#[async_trait]
impl Policy for CountTries {
    async fn send(&self, ctx: &Context, request: &mut Request, next: &[Arc<dyn Policy>]) -> PolicyResult {
        self.0.tries.fetch_add(1, Ordering::Relaxed);
        on(ctx, request, next).await
    }
}

impl Client {
    /// A client; asks nothing yet.
    pub fn new(account: Account, limits: Limits) -> Self {
        let tally = Arc::new(Tally::default());
        let mut each_try: Vec<Arc<dyn Policy>> = vec![Arc::new(CountTries(Arc::clone(&tally)))];
        let mut token = None;
        match &account.credential {
            Credential::Key(key) => {
                each_try.push(Arc::new(SharedKey { account: account.name.clone(), key: key.clone() }));
            }
            Credential::Token(entra) => token = Some(Arc::clone(entra)),
            Credential::Sas(_) => {}
        }
        // What was stored is what comes back, whatever its Content-Encoding claims.
        let http = HttpClientOptions { automatic_decompression: false };
        let options = ClientOptions {
            per_call_policies: vec![Arc::new(CountCalls(Arc::clone(&tally)))],
            per_try_policies: each_try,
            retry: RetryOptions::exponential(ExponentialRetryOptions {
                initial_delay: limits.pause.try_into().unwrap_or_default(),
                max_retries: limits.retries,
                max_total_elapsed: PATIENCE.try_into().unwrap_or_default(),
                max_delay: LONGEST_PAUSE.try_into().unwrap_or_default(),
            }),
            transport: Some(Transport::new(new_http_client(Some(http)))),
            ..ClientOptions::default()
        };
        // Requests that the library does not know are made as it makes its own.
        let bearer = token.iter().map(|token| {
            let scopes = vec!["https://storage.azure.com/.default"];
            Arc::new(BearerTokenAuthorizationPolicy::new(Arc::clone(token), scopes)) as Arc<dyn Policy>
        });
        let (name, version) = (Some(env!("CARGO_PKG_NAME")), Some(env!("CARGO_PKG_VERSION")));
        let pipeline = Pipeline::new(name, version, options.clone(), Vec::new(), bearer.collect(), None);
        Self { account, limits, options, token, pipeline, tally }
    }

    /// How many requests had to be made once more.
    pub fn retries(&self) -> u64 {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let more = count(&self.tally.tries).saturating_sub(count(&self.tally.calls));
        more + count(&self.tally.again)
    }

    /// Waits before something is tried for another time (the first is 1), and counts it; false when it was tried
    /// often enough.
    pub async fn again(&self, time: u32) -> bool {
        if time > self.limits.retries {
            return false;
        }
        self.tally.again.fetch_add(1, Ordering::Relaxed);
        let pause = self.limits.pause.saturating_mul(1 << time.min(16)).min(LONGEST_PAUSE);
        // Those that failed together shall not come back together.
        let chance = f64::from(uuid::Uuid::new_v4().as_bytes().first().copied().unwrap_or_default()) / 255.0;
        tokio::time::sleep(pause.mul_f64(0.5 + chance / 2.0)).await;
        true
    }

    /// The address of a container or a blob.
    fn url(&self, container: &str, path: &str) -> Url {
        let mut url = self.account.endpoint.clone();
        let encode = |text: &str| utf8_percent_encode(text, &PLAIN).to_string();
        let mut full = format!("{}/{}", url.path().trim_end_matches('/'), encode(container));
        if !path.is_empty() {
            full = format!("{full}/{}", encode(path));
        }
        url.set_path(full.trim_end_matches('/'));
        if let Credential::Sas(sas) = &self.account.credential {
            url.set_query(Some(sas));
        }
        url
    }

    /// The address of a blob, for the service itself.
    pub fn blob_url(&self, at: &Address) -> Result<Url> {
        check_container(&at.container)?;
        // An address that is read by the rules of the web loses its dots.
        if below("".as_ref(), &at.path).is_none() || at.path.len() > 1024 {
            return Err(StoreError::Unusable { what: "blob", name: at.path.clone() });
        }
        Ok(self.url(&at.container, &at.path))
    }

    pub fn blob(&self, at: &Address) -> Result<BlobClient> {
        let options =
            BlobClientOptions { client_options: self.options.clone(), ..BlobClientOptions::default() };
        let client = BlobClient::new(self.blob_url(at)?, self.token.clone(), Some(options));
        client.map_err(|error| self.failure(&format!("address {at} on"), at, &error))
    }

    pub fn blocks(&self, at: &Address) -> Result<BlockBlobClient> {
        Ok(self.blob(at)?.block_blob_client())
    }

    pub fn appended(&self, at: &Address) -> Result<AppendBlobClient> {
        Ok(self.blob(at)?.append_blob_client())
    }

    pub fn container(&self, name: &str) -> Result<BlobContainerClient> {
        check_container(name)?;
        let options = BlobContainerClientOptions {
            client_options: self.options.clone(),
            ..BlobContainerClientOptions::default()
        };
        let client = BlobContainerClient::new(self.url(name, ""), self.token.clone(), Some(options));
        client.map_err(|error| self.failure("address", &Address::new(name, ""), &error))
    }

    pub fn service(&self) -> Result<BlobServiceClient> {
        let options = BlobServiceClientOptions {
            client_options: self.options.clone(),
            ..BlobServiceClientOptions::default()
        };
        let client = BlobServiceClient::new(self.url("", ""), self.token.clone(), Some(options));
        client.map_err(|error| self.failure("address", &Address::new("", ""), &error))
    }

    /// A request that the library does not know.
    pub async fn send(
        &self,
        method: Method,
        at: &Address,
        query: &[(&str, &str)],
        headers: Vec<(&'static str, String)>,
        body: Bytes,
    ) -> azure_core::Result<RawResponse> {
        let mut url = self.url(&at.container, &at.path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut request = Request::new(url, method);
        request.insert_header("x-ms-version", BlobContainerClientOptions::default().version);
        for (name, value) in headers {
            request.insert_header(name, value);
        }
        request.set_body(body);
        self.pipeline.send(&Context::new(), &mut request, None).await.and_then(success)
    }
}

/// Whoever sends without options gets every answer.
fn success(response: RawResponse) -> azure_core::Result<RawResponse> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let header = azure_core::http::headers::HeaderName::from_static("x-ms-error-code");
    let error_code = response.headers().get_optional_str(&header).map(str::to_owned);
    let kind = azure_core::error::ErrorKind::HttpResponse {
        status,
        error_code,
        raw_response: Some(Box::new(response)),
    };
    Err(kind.into_error())
}

/// What Azure lets a container be called.
fn check_container(name: &str) -> Result<()> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let fits = (3..=63).contains(&name.len())
        && name.bytes().all(plain)
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--");
    let what = "container on Azure (3 to 63 lowercase letters, digits and single hyphens)";
    if fits { Ok(()) } else { Err(StoreError::Unusable { what, name: name.to_owned() }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("ws1", true)]
    #[case("xt-store-info", true)]
    #[case("xts-data-xts", true)]
    #[case("WS1", false)]
    #[case("a", false)]
    #[case("a--b", false)]
    #[case("-ab", false)]
    #[case("what.if", false)]
    #[case("../x", false)]
    fn names_of_containers_are_checked_here(#[case] name: &str, #[case] good: bool) {
        assert_eq!(check_container(name).is_ok(), good);
    }
}
