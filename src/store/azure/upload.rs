//! Files that go up: small ones in one request, larger ones in blocks, several at a time.
//!
//! A block is called by its place and the sum of its contents. What the service still has of an interrupted upload
//! is therefore found again by its names, and whatever has changed since then is sent anew.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;

use azure_core::Bytes;
use azure_core::http::{Method, Response};
use azure_storage_blobs::models::{
    BlockBlobClientCommitBlockListOptions, BlockBlobClientStageBlockOptions, BlockList, BlockListType,
    BlockLookupList,
};
use base64::Engine as _;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use md5::{Digest as _, Md5 as Hasher};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

use super::client::Client;
use super::failure::code;
use super::{blocking, slots};
use crate::store::blobs::{Address, Md5, Step, Upload, Watch, hex};
use crate::store::error::Outlook;
use crate::store::{Result, StoreError};

/// A blob has so many blocks at the most.
const MOST_BLOCKS: u64 = 50_000;

/// An upload is begun so often in all when somebody else writes the same blob meanwhile.
const BEGINNINGS: u32 = 3;

/// Takes files in.
pub(super) async fn all(client: &Client, files: &[Upload], done: Watch<'_>) -> Result<()> {
    let (slots, done) = (slots(client), RefCell::new(done));
    let told = |step| (done.borrow_mut())(step);
    stream::iter(files)
        .map(|file| one(client, file, &slots, &told))
        .buffer_unordered(client.limits.slots)
        .try_for_each(|()| async {
            told(Step::File);
            Ok(())
        })
        .await
}

async fn one(client: &Client, file: &Upload, slots: &Arc<Semaphore>, told: &dyn Fn(Step)) -> Result<()> {
    for _ in 0..BEGINNINGS {
        let permit = permit(slots).await;
        let reader = Reader::open(file.from.clone(), client.limits.block).await?;
        let (reader, first) = reader.next().await?;
        if reader.ended {
            let bytes = first.bytes.len() as u64;
            put(client, &file.to, first.bytes, first.sum).await?;
            told(Step::Bytes(bytes));
            return Ok(());
        }
        let whole = in_blocks(client, file, reader, first, permit, slots, told).await?;
        if whole {
            return Ok(());
        }
    }
    Err(StoreError::Service {
        action: format!("upload {} to", file.to),
        place: client.place(),
        detail: "somebody else writes the same blob again and again: try again when they are done".to_owned(),
        outlook: Outlook::MayPass,
    })
}

async fn permit(slots: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    // Nobody closes it.
    Arc::clone(slots).acquire_owned().await.ok()
}

/// Writes a blob in one request; the service compares the sum.
pub(super) async fn put(client: &Client, at: &Address, bytes: Bytes, sum: Md5) -> Result<()> {
    client.blob_url(at)?;
    let headers = vec![
        ("x-ms-blob-type", "BlockBlob".to_owned()),
        ("content-type", "application/octet-stream".to_owned()),
        ("content-length", bytes.len().to_string()),
        ("content-md5", base64::engine::general_purpose::STANDARD.encode(sum)),
    ];
    let put = client.send(Method::Put, at, &[], headers, bytes).await;
    put.map(drop).map_err(|error| client.failure(&format!("upload {at} to"), at, &error))
}

/// Uploads block by block; false when blocks are gone because somebody else wrote the blob meanwhile.
async fn in_blocks(
    client: &Client,
    file: &Upload,
    mut reader: Reader,
    first: Block,
    mut permit: Option<OwnedSemaphorePermit>,
    slots: &Arc<Semaphore>,
    told: &dyn Fn(Step),
) -> Result<bool> {
    let failed = |error| client.failure(&format!("upload {} to", file.to), &file.to, &error);
    let blob = Arc::new(client.blocks(&file.to)?);
    let there = unfinished(client, &file.to).await?;
    let (mut names, mut under_way) = (Vec::new(), JoinSet::new());
    let mut block = first;
    while !block.bytes.is_empty() {
        let name = format!("{:06}{}", names.len(), hex(&block.sum)).into_bytes();
        let length = block.bytes.len() as u64;
        names.push(name.clone());
        if there.get(&name) == Some(&length) {
            told(Step::Resumed(length));
        } else {
            let (blob, held) = (Arc::clone(&blob), permit.take());
            under_way.spawn(async move {
                let options = BlockBlobClientStageBlockOptions {
                    transactional_content_md5: Some(block.sum.to_vec()),
                    ..BlockBlobClientStageBlockOptions::default()
                };
                let staged = blob.stage_block(&name, length, block.bytes.into(), Some(options)).await;
                drop(held);
                staged.map(|_| length)
            });
        }
        drop(permit.take());
        while let Some(staged) = under_way.try_join_next() {
            told(Step::Bytes(joined(staged)?.map_err(failed)?));
        }
        permit = self::permit(slots).await;
        (reader, block) = reader.next().await?;
    }
    drop(permit);
    while let Some(staged) = under_way.join_next().await {
        told(Step::Bytes(joined(staged)?.map_err(failed)?));
    }
    let sum: Md5 = reader.hasher.finalize().into();
    let list = BlockLookupList { latest: Some(names), ..BlockLookupList::default() };
    let options = BlockBlobClientCommitBlockListOptions {
        blob_content_md5: Some(sum.to_vec()),
        ..BlockBlobClientCommitBlockListOptions::default()
    };
    let list = list.try_into().map_err(failed)?;
    match blob.commit_block_list(list, Some(options)).await {
        Err(error) if code(&error) == Some("InvalidBlockList") => Ok(false),
        committed => committed.map(|_| true).map_err(failed),
    }
}

fn joined<T>(answer: std::result::Result<T, tokio::task::JoinError>) -> Result<T> {
    answer.map_err(|error| StoreError::io("upload", "a block")(std::io::Error::other(error)))
}

/// The blocks of this blob that arrived and were never put together.
async fn unfinished(client: &Client, at: &Address) -> Result<HashMap<Vec<u8>, u64>> {
    let answer = client.blocks(at)?.get_block_list(BlockListType::Uncommitted, None).await;
    let list: azure_core::Result<BlockList> = answer.and_then(Response::into_model);
    match list {
        Ok(list) => {
            let blocks = list.uncommitted_blocks.unwrap_or_default();
            let size = |size: Option<i64>| u64::try_from(size.unwrap_or_default()).unwrap_or_default();
            Ok(blocks.into_iter().filter_map(|block| Some((block.name?, size(block.size)))).collect())
        }
        Err(error) => match client.failure(&format!("look for an earlier upload of {at} on"), at, &error) {
            StoreError::Missing { what: "blob", .. } => Ok(HashMap::new()),
            error => Err(error),
        },
    }
}

/// A piece of a file.
struct Block {
    bytes: Bytes,
    sum: Md5,
}

/// Reads a file from its beginning, a block at a time, and sums it up.
struct Reader {
    path: PathBuf,
    file: File,
    block: usize,
    hasher: Hasher,
    /// The last block was shorter than a block.
    ended: bool,
}

impl Reader {
    async fn open(path: PathBuf, block: usize) -> Result<Self> {
        blocking(move || {
            let file = File::open(&path).map_err(StoreError::io("read", &path))?;
            let size = file.metadata().map_err(StoreError::io("read", &path))?.len();
            // There cannot be more blocks, so those of very large files are larger.
            let least = usize::try_from(size.div_ceil(MOST_BLOCKS)).unwrap_or(usize::MAX);
            let block = if least > block { least.next_multiple_of(1 << 20) } else { block };
            Ok(Self { path, file, block, hasher: Hasher::new(), ended: false })
        })
        .await
    }

    async fn next(mut self) -> Result<(Self, Block)> {
        blocking(move || {
            let mut bytes = Vec::with_capacity(self.block.min(1 << 16));
            let mut piece = (&self.file).take(self.block as u64);
            piece.read_to_end(&mut bytes).map_err(StoreError::io("read", &self.path))?;
            self.ended = bytes.len() < self.block;
            self.hasher.update(&bytes);
            let sum = Hasher::digest(&bytes).into();
            Ok((self, Block { bytes: Bytes::from(bytes), sum }))
        })
        .await
    }
}
