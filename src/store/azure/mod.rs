//! Files on Azure Blob Storage, in `XTLib`'s layout.
//!
//! | file | what |
//! | --- | --- |
//! | [`account`], [`entra`] | which account, and what proves that we may use it |
//! | [`signing`] | shared key |
//! | [`client`] | addresses, requests, how often they are made |
//! | [`failure`] | what refusals mean |
//! | [`listing`], [`upload`], [`download`] | the requests that are more than one call |
//!
//! Calls wait until they are done. The connections live on threads of the store's own, which go with it.

mod account;
mod client;
mod download;
mod entra;
mod failure;
mod listing;
mod signing;
mod upload;

use std::ops::Range;
use std::sync::Arc;

use azure_core::Bytes;
use azure_core::http::Etag;
use azure_core::http::RequestContent;
use azure_storage_blobs::models::{
    AppendBlobClientAppendBlockOptions, AppendBlobClientCreateOptions, BlobClientDeleteOptions,
    BlobClientGetPropertiesOptions, BlobClientGetPropertiesResultHeaders as _,
    BlobServiceClientListContainersOptions, CopyStatus, DeleteSnapshotsOptionType,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use md5::{Digest as _, Md5 as Hasher};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;

use self::account::Account;
use self::client::Client;
pub use self::client::Limits;
use self::failure::code;
use super::blobs::{Address, Blob, Depth, Download, Entry, Files, Md5, Step, Upload, Watch};
use super::error::Outlook;
use super::{Result, StoreError};
use crate::config::typed::StorageService;

/// Threads that serve the connections; sums are made on others.
const THREADS: usize = 2;

/// Blobs that are deleted at once.
const DELETED_AT_ONCE: usize = 32;

/// An append is one request up to this many bytes.
const MOST_APPENDED: usize = 4 << 20;

/// The files of an account.
#[derive(Debug)]
pub struct Azure {
    client: Client,
    runtime: Option<Runtime>,
}

impl Azure {
    /// Opens an account; asks it nothing yet. `env` gives the variables of the environment.
    pub fn open(
        service: &StorageService,
        limits: Limits,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self> {
        choose_tls();
        let account = Account::of(service, env)?;
        let runtime =
            Builder::new_multi_thread().worker_threads(THREADS).thread_name("xt-azure").enable_all().build();
        let runtime = runtime.map_err(StoreError::io("start threads for", &service.name))?;
        // Connections belong to the threads they are made on.
        let client = {
            let _inside = runtime.enter();
            Client::new(account, limits)
        };
        Ok(Self { client, runtime: Some(runtime) })
    }

    fn wait<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        match &self.runtime {
            Some(runtime) => runtime.block_on(work),
            None => Err(StoreError::io("use", "the storage account")(std::io::Error::other("it is closed"))),
        }
    }

    fn failed(&self, action: String, at: &Address) -> impl Fn(azure_core::Error) -> StoreError + use<> {
        let (client, at) = (self.client.clone(), at.clone());
        move |error| client.failure(&action, &at, &error)
    }

    async fn create(&self, name: &str) -> Result<bool> {
        let at = Address::new(name, "");
        match self.client.container(name)?.create(None).await {
            Ok(_) => Ok(true),
            Err(error) if code(&error) == Some("ContainerAlreadyExists") => Ok(false),
            Err(error) => Err(self.client.failure(&format!("create the container {name} on"), &at, &error)),
        }
    }

    /// Does it, and once more with the container when that is what was missing.
    fn with_container<T>(&self, at: &[&str], mut work: impl FnMut() -> Result<T>) -> Result<T> {
        match work() {
            Err(StoreError::Missing { what: "container", .. }) => {
                for name in at {
                    self.create_container(name)?;
                }
                work()
            }
            done => done,
        }
    }
}

impl Drop for Azure {
    fn drop(&mut self) {
        // Whoever lets go of the last store may be on a thread that must not wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Says which cryptography connections use, before the first is made.
fn choose_tls() {
    // Whoever came first has chosen the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// What may be under way at once: blocks in memory.
fn slots(client: &Client) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(client.limits.slots))
}

/// Does what waits for the disk, or takes the processor, on a thread for that.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(StoreError::io("work on", "a file")(std::io::Error::other(error))))
}

/// What a blob is, or was at a moment the service has kept.
async fn stat(client: &Client, at: &Address, moment: Option<&str>) -> Result<Option<Blob>> {
    let failed = |error: &azure_core::Error| client.failure(&format!("look at {at} on"), at, error);
    let options = BlobClientGetPropertiesOptions {
        snapshot: moment.map(str::to_owned),
        ..BlobClientGetPropertiesOptions::default()
    };
    let found = match client.blob(at)?.get_properties(Some(options)).await {
        Ok(found) => found,
        Err(error) if error.http_status() == Some(azure_core::http::StatusCode::NotFound) => return Ok(None),
        Err(error) => return Err(failed(&error)),
    };
    let told = || -> azure_core::Result<Blob> {
        let etag = found.etag()?.map(|etag| listing::bare(etag.as_ref())).unwrap_or_default();
        let micros = found.last_modified()?.map(|time| time.unix_timestamp_nanos() / 1000);
        Ok(Blob {
            path: at.path.clone(),
            size: found.content_length()?.unwrap_or_default(),
            modified: crate::model::Time::from_micros(
                micros.and_then(|micros| i64::try_from(micros).ok()).unwrap_or_default(),
            ),
            etag,
            md5: found.content_md5()?.and_then(|sum| sum.try_into().ok()),
        })
    };
    told().map(Some).map_err(|error| failed(&error))
}

impl Files for Azure {
    fn place(&self) -> String {
        self.client.place()
    }

    fn containers(&self, prefix: &str) -> Result<Vec<String>> {
        let failed = self.failed("list containers of".to_owned(), &Address::new("", ""));
        self.wait(async {
            let options = BlobServiceClientListContainersOptions {
                prefix: Some(prefix.to_owned()),
                ..BlobServiceClientListContainersOptions::default()
            };
            let all = self.client.service()?.list_containers(Some(options)).map_err(&failed)?;
            let names = all.try_filter_map(|container| async move { Ok(container.name) });
            names.try_collect().await.map_err(&failed)
        })
    }

    fn create_container(&self, name: &str) -> Result<bool> {
        self.wait(self.create(name))
    }

    fn delete_container(&self, name: &str) -> Result<bool> {
        let at = Address::new(name, "");
        self.wait(async {
            match self.client.container(name)?.delete(None).await {
                Ok(_) => Ok(true),
                Err(error) if code(&error) == Some("ContainerNotFound") => Ok(false),
                Err(error) => {
                    Err(self.client.failure(&format!("delete the container {name} on"), &at, &error))
                }
            }
        })
    }

    fn list(&self, at: &Address, depth: Depth, each: &mut dyn FnMut(Entry) -> Result<()>) -> Result<()> {
        self.wait(listing::list(&self.client, at, depth, each))
    }

    fn stat(&self, at: &Address) -> Result<Option<Blob>> {
        self.wait(stat(&self.client, at, None))
    }

    fn md5(&self, _at: &Address) -> Result<Option<Md5>> {
        Ok(None)
    }

    fn read(&self, at: &Address, range: Range<u64>) -> Result<Vec<u8>> {
        self.wait(async {
            let missing = || StoreError::Missing { what: "blob", name: at.to_string(), nearest: None };
            let blob = stat(&self.client, at, None).await?.ok_or_else(missing)?;
            let (mut start, end) = (range.start, range.end.min(blob.size));
            let mut all = Vec::new();
            while start < end {
                let next = end.min(start + self.client.limits.block as u64);
                all.extend(download::range_of(&self.client, at, &blob.etag, None, start..next).await?);
                start = next;
            }
            Ok(all)
        })
    }

    fn put(&self, at: &Address, bytes: &[u8]) -> Result<()> {
        let sum = Hasher::digest(bytes).into();
        let bytes = Bytes::copy_from_slice(bytes);
        self.with_container(&[&at.container], || self.wait(upload::put(&self.client, at, bytes.clone(), sum)))
    }

    fn append(&self, at: &Address, bytes: &[u8]) -> Result<()> {
        self.with_container(&[&at.container], || self.wait(self.append_to(at, bytes)))
    }

    fn copy(&self, from: &Address, to: &Address) -> Result<()> {
        self.with_container(&[&to.container], || self.wait(self.copy_on_server(from, to)))
    }

    fn delete(&self, blobs: &[Address], done: Watch<'_>) -> Result<()> {
        let mut deleted = stream::iter(blobs).map(|at| self.delete_one(at)).buffer_unordered(DELETED_AT_ONCE);
        self.wait(async {
            while let Some(()) = deleted.try_next().await? {
                done(Step::File);
            }
            Ok(())
        })
    }

    fn upload(&self, files: &[Upload], done: Watch<'_>) -> Result<()> {
        let mut containers: Vec<_> = files.iter().map(|file| file.to.container.as_str()).collect();
        containers.sort_unstable();
        containers.dedup();
        self.with_container(&containers, || self.wait(upload::all(&self.client, files, done)))
    }

    fn download(&self, files: &[Download], frozen: bool, done: Watch<'_>) -> Result<()> {
        self.wait(download::all(&self.client, files, frozen, done))
    }

    fn retries(&self) -> u64 {
        self.client.retries()
    }
}

impl Azure {
    async fn delete_one(&self, at: &Address) -> Result<()> {
        let options = BlobClientDeleteOptions {
            delete_snapshots: Some(DeleteSnapshotsOptionType::Include),
            ..BlobClientDeleteOptions::default()
        };
        match self.client.blob(at)?.delete(Some(options)).await {
            Ok(_) => Ok(()),
            Err(error) if error.http_status() == Some(azure_core::http::StatusCode::NotFound) => Ok(()),
            Err(error) => Err(self.client.failure(&format!("delete {at} on"), at, &error)),
        }
    }

    /// Appends at a place that is said: what arrived already, and only its answer got lost, is not appended twice.
    async fn append_to(&self, at: &Address, bytes: &[u8]) -> Result<()> {
        let failed =
            |error: &azure_core::Error| self.client.failure(&format!("append to {at} on"), at, error);
        let blob = self.client.appended(at)?;
        let mut end = 0;
        if let Some(found) = stat(&self.client, at, None).await? {
            end = found.size;
        } else {
            let options = AppendBlobClientCreateOptions {
                if_none_match: Some(Etag::from("*")),
                ..AppendBlobClientCreateOptions::default()
            };
            match blob.create(Some(options)).await {
                // The answer to an earlier try got lost.
                Err(error) if code(&error) == Some("BlobAlreadyExists") => {}
                created => drop(created.map_err(|error| failed(&error))?),
            }
        }
        for piece in bytes.chunks(MOST_APPENDED) {
            let length = piece.len() as u64;
            let options = AppendBlobClientAppendBlockOptions {
                append_position: i64::try_from(end).ok(),
                transactional_content_md5: Some(Hasher::digest(piece).to_vec()),
                ..AppendBlobClientAppendBlockOptions::default()
            };
            match blob.append_block(RequestContent::from(piece.to_vec()), length, Some(options)).await {
                Err(error) if code(&error) == Some("AppendPositionConditionNotMet") => {
                    let range = end..end + length;
                    let there =
                        stat(&self.client, at, None).await?.is_some_and(|found| found.size == range.end);
                    if !there || download::range_of(&self.client, at, "", None, range).await? != piece {
                        return Err(failed(&error));
                    }
                }
                appended => drop(appended.map_err(|error| failed(&error))?),
            }
            end += length;
        }
        Ok(())
    }

    async fn copy_on_server(&self, from: &Address, to: &Address) -> Result<()> {
        use azure_storage_blobs::models::BlobClientStartCopyFromUrlResultHeaders as _;
        let action = format!("copy {from} to {to} on");
        let failed = |error: azure_core::Error| self.client.failure(&action, from, &error);
        let (source, target) = (self.client.blob_url(from)?, self.client.blob(to)?);
        // Which of the two containers is missing is not said.
        if stat(&self.client, from, None).await?.is_none() {
            return Err(StoreError::Missing { what: "blob", name: from.to_string(), nearest: None });
        }
        let started = target.start_copy_from_url(source.to_string(), None).await;
        let started = started.map_err(|error| self.client.failure(&action, to, &error))?;
        let mut status = started.copy_status().map_err(failed)?;
        let mut pause = self.client.limits.pause;
        while status == Some(CopyStatus::Pending) {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(std::time::Duration::from_secs(5));
            status =
                target.get_properties(None).await.and_then(|found| found.copy_status()).map_err(failed)?;
        }
        if status == Some(CopyStatus::Success) {
            return Ok(());
        }
        Err(StoreError::Service {
            action,
            place: self.client.place(),
            detail: "the service gave up: try again".to_owned(),
            outlook: Outlook::MayPass,
        })
    }
}
