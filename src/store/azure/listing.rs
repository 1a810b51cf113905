//! Lists of blobs. The library cannot stop at a delimiter: this is the one request for it, and for all lists.

use azure_core::Bytes;
use azure_core::http::Method;
use azure_core::time::parse_rfc7231;
use base64::Engine as _;
use serde::Deserialize;

use super::client::Client;
use crate::model::Time;
use crate::store::blobs::{Address, Blob, Depth, Entry, Md5};
use crate::store::{Result, StoreError};

#[derive(Debug, Deserialize)]
struct Page {
    #[serde(rename = "Blobs", default)]
    blobs: Blobs,
    #[serde(rename = "NextMarker", default)]
    next: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Blobs {
    #[serde(rename = "$value", default)]
    items: Vec<Item>,
}

#[derive(Debug, Deserialize)]
enum Item {
    Blob {
        #[serde(rename = "Name")]
        name: Name,
        #[serde(rename = "Properties")]
        properties: Properties,
    },
    BlobPrefix {
        #[serde(rename = "Name")]
        name: Name,
    },
}

#[derive(Debug, Deserialize)]
struct Name {
    /// Characters that XML cannot hold come as an address has them.
    #[serde(rename = "@Encoded", default)]
    encoded: bool,
    #[serde(rename = "$text", default)]
    text: String,
}

#[derive(Debug, Deserialize)]
struct Properties {
    #[serde(rename = "Content-Length", default)]
    length: u64,
    #[serde(rename = "Last-Modified", default)]
    modified: String,
    #[serde(rename = "Etag", default)]
    etag: String,
    #[serde(rename = "Content-MD5", default)]
    md5: Option<String>,
}

impl Name {
    fn read(self) -> String {
        if self.encoded {
            percent_encoding::percent_decode_str(&self.text).decode_utf8_lossy().into_owned()
        } else {
            self.text
        }
    }
}

impl From<Item> for Entry {
    fn from(item: Item) -> Self {
        match item {
            Item::BlobPrefix { name } => Self::Folder(name.read()),
            Item::Blob { name, properties } => Self::Blob(Blob {
                path: name.read(),
                size: properties.length,
                modified: time(&properties.modified),
                etag: bare(&properties.etag),
                md5: properties.md5.as_deref().and_then(md5),
            }),
        }
    }
}

/// A moment as the service writes it.
pub(super) fn time(text: &str) -> Time {
    let time = parse_rfc7231(text).map(|time| time.unix_timestamp_nanos() / 1000).ok();
    Time::from_micros(time.and_then(|micros| i64::try_from(micros).ok()).unwrap_or_default())
}

/// A tag without the quotes that it has in some answers.
pub(super) fn bare(etag: &str) -> String {
    etag.trim_matches('"').to_owned()
}

fn md5(text: &str) -> Option<Md5> {
    base64::engine::general_purpose::STANDARD.decode(text).ok()?.try_into().ok()
}

/// Tells what begins with a path, page by page.
pub(super) async fn list(
    client: &Client,
    at: &Address,
    depth: Depth,
    each: &mut dyn FnMut(Entry) -> Result<()>,
) -> Result<()> {
    client.container(&at.container)?;
    let container = at.with_path("");
    let mut marker = String::new();
    loop {
        let mut query = vec![("restype", "container"), ("comp", "list"), ("prefix", at.path.as_str())];
        if depth == Depth::One {
            query.push(("delimiter", "/"));
        }
        if !marker.is_empty() {
            query.push(("marker", &marker));
        }
        let answer = client.send(Method::Get, &container, &query, Vec::new(), Bytes::new()).await;
        let answer = match answer.map_err(|error| client.failure(&format!("list {at} on"), at, &error)) {
            Err(StoreError::Missing { .. }) => return Ok(()),
            answer => answer?,
        };
        let page: Page = azure_core::xml::from_xml(answer.body())
            .map_err(|error| client.failure(&format!("understand a list of {at} from"), at, &error))?;
        let mut entries: Vec<Entry> = page.blobs.items.into_iter().map(Into::into).collect();
        // Emulators put folders first.
        entries.sort_by(|a, b| a.path().cmp(b.path()));
        entries.into_iter().try_for_each(&mut *each)?;
        match page.next {
            Some(next) if !next.is_empty() => marker = next,
            _ => return Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves A9, P9: blobs and folders in any order, odd names, sums or none.
    #[test]
    fn a_page_is_read() {
        let text = r#"<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="x"><Prefix/><Blobs>
<BlobPrefix><Name>a/</Name></BlobPrefix>
<Blob><Name>b &amp; c</Name><Properties><Last-Modified>Mon, 01 Jan 2024 00:00:00 GMT</Last-Modified><Etag>"0x1"</Etag><Content-Length>5</Content-Length><Content-MD5>AAAAAAAAAAAAAAAAAAAAAA==</Content-MD5><BlobType>BlockBlob</BlobType></Properties></Blob>
<Blob><Name Encoded="true">d%0B</Name><Properties><Content-Length>0</Content-Length><Content-MD5 /></Properties></Blob>
<BlobPrefix><Name>e/</Name></BlobPrefix>
</Blobs><NextMarker>more</NextMarker></EnumerationResults>"#;
        let page: Page = azure_core::xml::from_xml(text.as_bytes()).unwrap();
        assert_eq!(page.next.as_deref(), Some("more"));
        let entries: Vec<Entry> = page.blobs.items.into_iter().map(Into::into).collect();
        let blob = Blob {
            path: "b & c".into(),
            size: 5,
            modified: "2024-01-01T00:00:00Z".parse().unwrap(),
            etag: "0x1".into(),
            md5: Some([0; 16]),
        };
        let odd = Blob {
            path: "d\u{b}".into(),
            size: 0,
            modified: Time::default(),
            etag: String::new(),
            md5: None,
        };
        let folder = |path: &str| Entry::Folder(path.to_owned());
        assert_eq!(entries, [folder("a/"), Entry::Blob(blob), Entry::Blob(odd), folder("e/")]);
        let empty = "<EnumerationResults><Blobs /><NextMarker /></EnumerationResults>";
        let page: Page = azure_core::xml::from_xml(empty.as_bytes()).unwrap();
        assert!(page.blobs.items.is_empty() && page.next.is_none_or(|next| next.is_empty()));
    }
}
