//! Blobs that come down: in ranges, several at a time, into a file beside the target that gets its name when all of
//! it is there and its sum is right. What an interruption leaves is gone on with, as long as the blob is the same.

use std::cell::RefCell;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::num::NonZero;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use azure_core::http::Etag;
use azure_storage_blobs::models::{BlobClientDeleteOptions, BlobClientDownloadOptions};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use md5::{Digest as _, Md5 as Hasher};
use tokio::sync::Semaphore;

use super::client::Client;
use super::{blocking, slots};
use crate::store::blobs::{Address, Download, Md5, Step, Watch};
use crate::store::error::Outlook;
use crate::store::{Result, StoreError};

/// Gives blobs out.
pub(super) async fn all(client: &Client, files: &[Download], frozen: bool, done: Watch<'_>) -> Result<()> {
    let (slots, done) = (slots(client), RefCell::new(done));
    let told = |step| (done.borrow_mut())(step);
    stream::iter(files)
        .map(|file| async {
            if frozen {
                frozen_one(client, file, &slots, &told).await
            } else {
                one(client, file, None, &slots, &told).await
            }
        })
        .buffer_unordered(client.limits.slots)
        .try_for_each(|()| async {
            told(Step::File);
            Ok(())
        })
        .await
}

/// A blob as it is at this moment, though it is written to: the service keeps that moment until it is here.
async fn frozen_one(
    client: &Client,
    file: &Download,
    slots: &Arc<Semaphore>,
    told: &dyn Fn(Step),
) -> Result<()> {
    use azure_storage_blobs::models::BlobClientCreateSnapshotResultHeaders as _;
    let failed = |error| client.failure(&format!("take a snapshot of {} on", file.from), &file.from, &error);
    let blob = client.blob(&file.from)?;
    let taken = blob.create_snapshot(None).await.map_err(failed)?;
    let Some(moment) = taken.snapshot().map_err(failed)? else {
        return one(client, file, None, slots, told).await;
    };
    let then = super::stat(client, &file.from, Some(&moment)).await?;
    let file = Download { blob: then.unwrap_or_else(|| file.blob.clone()), ..file.clone() };
    let done = one(client, &file, Some(&moment), slots, told).await;
    let options = BlobClientDeleteOptions { snapshot: Some(moment), ..BlobClientDeleteOptions::default() };
    let removed = blob.delete(Some(options)).await.map_err(failed);
    done?;
    removed.map(drop)
}

async fn one(
    client: &Client,
    file: &Download,
    moment: Option<&str>,
    slots: &Arc<Semaphore>,
    told: &dyn Fn(Step),
) -> Result<()> {
    let target = file.clone();
    let mut part = blocking(move || Part::open(&target)).await?;
    if part.length > 0 {
        told(Step::Resumed(part.length));
    }
    let block = client.limits.block as u64;
    let starts = (part.length..file.blob.size).step_by(client.limits.block);
    let ranges = starts.map(|start| start..file.blob.size.min(start + block));
    let mut pieces = stream::iter(ranges)
        .map(|range| async {
            let permit = Arc::clone(slots).acquire_owned().await.ok();
            range_of(client, &file.from, &file.blob.etag, moment, range).await.map(|bytes| (bytes, permit))
        })
        .buffered(client.limits.slots);
    while let Some((bytes, permit)) = pieces.try_next().await? {
        let length = bytes.len() as u64;
        part = blocking(move || part.take(&bytes)).await?;
        drop(permit);
        told(Step::Bytes(length));
    }
    blocking(move || part.finish()).await
}

/// One range of a blob, whole; a connection that breaks in the middle of it is only tried again.
pub(super) async fn range_of(
    client: &Client,
    at: &Address,
    etag: &str,
    moment: Option<&str>,
    range: Range<u64>,
) -> Result<Vec<u8>> {
    let blob = client.blob(at)?;
    let wanted = range.end - range.start;
    for time in 1.. {
        let options = BlobClientDownloadOptions {
            range: Some(range.clone().into()),
            if_match: (!etag.is_empty()).then(|| Etag::from(format!("\"{etag}\""))),
            snapshot: moment.map(str::to_owned),
            // One request: how many there are at once is decided here.
            parallel: NonZero::new(1),
            partition_size: usize::try_from(wanted).ok().and_then(NonZero::new),
            ..BlobClientDownloadOptions::default()
        };
        let broken = match blob.download(Some(options)).await {
            Ok(answer) => {
                // Just as large as what is wanted: it is what bounds the memory.
                let mut bytes = vec![0; usize::try_from(wanted).unwrap_or(usize::MAX)];
                match answer.body.collect_into(&mut bytes).await {
                    Ok(came) if came as u64 == wanted => return Ok(bytes),
                    Ok(came) => format!("{came} of {wanted} bytes came"),
                    Err(_) => "the connection broke".to_owned(),
                }
            }
            Err(error) => return Err(client.failure(&format!("download {at} from"), at, &error)),
        };
        if !client.again(time).await {
            return Err(StoreError::Service {
                action: format!("download {at} from"),
                place: client.place(),
                detail: format!("{broken}, {time} times; try again, it goes on where it stopped"),
                outlook: Outlook::MayPass,
            });
        }
    }
    Ok(Vec::new())
}

/// The part of a file that is here.
struct Part {
    file: File,
    path: PathBuf,
    to: PathBuf,
    name: String,
    length: u64,
    size: u64,
    sum: Option<Md5>,
    hasher: Hasher,
}

impl Part {
    /// Opens what an earlier download of the same contents left, or begins. Two at once would write into each other.
    fn open(download: &Download) -> Result<Self> {
        let folder = download.to.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(StoreError::io("create", folder))?;
        // Of the same contents and the same target, and short enough whatever their names are.
        let names = format!("{}\0{}\0{}", download.from, download.blob.etag, download.to.display());
        let names = blake3::hash(names.as_bytes()).to_hex();
        let path = folder.join(format!(".xt-part-{}", names.get(..24).unwrap_or_default()));
        let failed = || StoreError::io("write", &path);
        let mut options = OpenOptions::new();
        let mut file = options.read(true).append(true).create(true).open(&path).map_err(failed())?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let name = download.to.display().to_string();
                let hint = ": another xt is downloading it right now".to_owned();
                return Err(StoreError::Exists { what: "part of", name, hint });
            }
            Err(TryLockError::Error(error)) => return Err(failed()(error)),
        }
        let mut hasher = Hasher::new();
        let mut length = io::copy(&mut file, &mut hasher).map_err(failed())?;
        if length > download.blob.size {
            file.set_len(0).map_err(failed())?;
            (length, hasher) = (0, Hasher::new());
        }
        let (size, sum) = (download.blob.size, download.blob.md5);
        let name = download.from.to_string();
        Ok(Self { file, path, to: download.to.clone(), name, length, size, sum, hasher })
    }

    fn take(mut self, bytes: &[u8]) -> Result<Self> {
        self.file.write_all(bytes).map_err(StoreError::io("write", &self.path))?;
        self.hasher.update(bytes);
        self.length += bytes.len() as u64;
        Ok(self)
    }

    /// Gives the file its name, if it is what was stored.
    fn finish(self) -> Result<()> {
        let found: Md5 = self.hasher.finalize().into();
        if self.length != self.size || self.sum.is_some_and(|sum| sum != found) {
            match fs::remove_file(&self.path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(StoreError::io("remove", self.path)(error));
                }
                _ => {}
            }
            return Err(StoreError::Damaged {
                path: self.to,
                detail: format!("{} did not arrive as it was stored: download it again", self.name),
            });
        }
        fs::rename(&self.path, &self.to).map_err(StoreError::io("create", self.to))
    }
}
