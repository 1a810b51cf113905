//! An account of Azure Storage: where it is, and what proves that we may use it.

use azure_core::credentials::Secret as Key;
use azure_core::http::Url;

use super::entra;
use crate::config::Secret;
use crate::config::typed::StorageService;
use crate::store::error::Outlook;
use crate::store::{Result, StoreError};

/// The account and key that every emulator has; they are published, and open nothing else.
const EMULATOR: &str = "devstoreaccount1";
const EMULATOR_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
const EMULATOR_ENDPOINT: &str = "http://127.0.0.1:10000/devstoreaccount1";

/// An account, ready to be asked.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub name: String,
    /// Without a slash at its end, and without a query.
    pub endpoint: Url,
    pub credential: Credential,
}

/// What proves who we are. Never shown.
#[derive(Clone)]
pub(super) enum Credential {
    /// The account's key, which signs each request.
    Key(Key),
    /// A shared access signature, which is part of each address.
    Sas(String),
    /// A token of Entra ID.
    Token(entra::Token),
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Key(_) => "Key",
            Self::Sas(_) => "Sas",
            Self::Token(_) => "Token",
        })
    }
}

/// What was found of an account before it is known to be complete.
#[derive(Default)]
struct Found {
    name: Option<String>,
    endpoint: Option<String>,
    credential: Option<Credential>,
}

impl Account {
    /// The account a configuration means. Its credential is the first there is: key, shared access signature,
    /// connection string, the variables `AZURE_STORAGE_*` if they are about this account, Entra ID.
    pub fn of(service: &StorageService, env: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let fail = |detail: String| refused(&service.name, detail);
        let value = |secret: &Option<Secret>| {
            secret.as_ref().map(Secret::resolve).transpose().map_err(|error| fail(error.to_string()))
        };
        let text = value(&service.connection_string)?;
        let written = text.as_deref().map(parse).transpose().map_err(fail)?.unwrap_or_default();
        let endpoint = service.endpoint.clone().or(written.endpoint);
        let name = written.name.or_else(|| endpoint.as_deref().and_then(name_in));
        let name = name.unwrap_or_else(|| service.name.clone());
        let endpoint = match endpoint {
            Some(endpoint) => endpoint,
            None if is_account(&name) => format!("https://{name}.blob.core.windows.net"),
            None => {
                return Err(fail(
                    "no account can be called so: name the service as the account (3 to 24 lowercase letters and \
                     digits), or give it an `endpoint`"
                        .to_owned(),
                ));
            }
        };
        let endpoint = address(&endpoint).map_err(fail)?;
        let credential = if let Some(key) = value(&service.key)? {
            Some(key_credential(&key).map_err(fail)?)
        } else if let Some(sas) = value(&service.sas)? {
            Some(sas_credential(&sas).map_err(fail)?)
        } else {
            written.credential.or(from_environment(&name, env).map_err(fail)?)
        };
        let credential = match credential {
            Some(credential) => credential,
            None if endpoint.scheme() == "https" => Credential::Token(entra::token(env).map_err(fail)?),
            None => {
                return Err(fail(
                    "it has no credential, and tokens of Entra ID go to https addresses only: give it a `key`"
                        .to_owned(),
                ));
            }
        };
        if matches!(credential, Credential::Sas(_)) && endpoint.scheme() != "https" && !is_local(&endpoint) {
            return Err(fail("a shared access signature goes to https addresses only".to_owned()));
        }
        Ok(Self { name, endpoint, credential })
    }
}

fn refused(name: &str, detail: String) -> StoreError {
    StoreError::Service {
        action: "use".to_owned(),
        place: format!("the external service `{name}`"),
        detail,
        outlook: Outlook::Stays,
    }
}

fn is_account(name: &str) -> bool {
    (3..=24).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn is_local(endpoint: &Url) -> bool {
    matches!(endpoint.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

/// The account an address is about: the first step of its path (emulators), else the first label of its host.
fn name_in(endpoint: &str) -> Option<String> {
    let url = Url::parse(endpoint).ok()?;
    let step = url.path_segments()?.find(|step| !step.is_empty()).map(str::to_owned);
    step.or_else(|| url.host_str()?.split_once(".blob.").map(|(name, _)| name.to_owned()))
}

fn address(endpoint: &str) -> std::result::Result<Url, String> {
    let why = "`endpoint` must be an address such as https://NAME.blob.core.windows.net";
    let url = Url::parse(endpoint.trim_end_matches('/')).map_err(|_| why.to_owned())?;
    let plain =
        matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.username().is_empty();
    if plain && url.has_host() { Ok(url) } else { Err(why.to_owned()) }
}

fn key_credential(key: &str) -> std::result::Result<Credential, String> {
    use base64::Engine as _;
    let decoded = base64::engine::general_purpose::STANDARD.decode(key.trim());
    if decoded.is_ok_and(|bytes| !bytes.is_empty()) {
        Ok(Credential::Key(Key::new(key.trim().to_owned())))
    } else {
        Err("its key is not base64: copy it whole, from the account's page `Access keys`".to_owned())
    }
}

/// A signature must look like one: no other secret may get into an address.
fn sas_credential(sas: &str) -> std::result::Result<Credential, String> {
    let sas = sas.trim().trim_start_matches('?');
    let has =
        |name: &str| sas.split('&').any(|pair| pair.split_once('=').is_some_and(|(key, _)| key == name));
    if has("sig") && has("sv") {
        Ok(Credential::Sas(sas.to_owned()))
    } else {
        Err("its `sas` is no shared access signature (sv=…&sig=…)".to_owned())
    }
}

/// A connection string, as the account's page `Access keys` shows it. It must hold its own credential.
fn parse(text: &str) -> std::result::Result<Found, String> {
    let pairs: Vec<_> = text.split(';').filter_map(|pair| pair.trim().split_once('=')).collect();
    let get = |name: &str| {
        let found = pairs.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| *value).filter(|value| !value.is_empty())
    };
    if get("UseDevelopmentStorage").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Ok(Found {
            name: Some(EMULATOR.to_owned()),
            endpoint: Some(EMULATOR_ENDPOINT.to_owned()),
            credential: Some(key_credential(EMULATOR_KEY)?),
        });
    }
    let credential = match (get("AccountKey"), get("SharedAccessSignature")) {
        (Some(key), _) => key_credential(key)?,
        (None, Some(sas)) => sas_credential(sas)?,
        (None, None) => {
            return Err("its connection string has neither AccountKey nor SharedAccessSignature".to_owned());
        }
    };
    let name = get("AccountName").map(str::to_owned);
    let suffix = get("EndpointSuffix").unwrap_or("core.windows.net");
    let protocol = get("DefaultEndpointsProtocol").unwrap_or("https");
    let usual = name.as_ref().map(|name| format!("{protocol}://{name}.blob.{suffix}"));
    let endpoint = get("BlobEndpoint").map(str::to_owned).or(usual);
    if endpoint.is_none() {
        return Err("its connection string has neither AccountName nor BlobEndpoint".to_owned());
    }
    Ok(Found { name, endpoint, credential: Some(credential) })
}

/// The variables of Azure's own tools, where they name this very account: what opens one account is not sent to
/// another.
fn from_environment(
    name: &str,
    env: &dyn Fn(&str) -> Option<String>,
) -> std::result::Result<Option<Credential>, String> {
    let get = |name: &str| env(name).filter(|value| !value.is_empty());
    if let Some(text) = get("AZURE_STORAGE_CONNECTION_STRING") {
        let found = parse(&text).map_err(|why| why.replace("its", "AZURE_STORAGE_CONNECTION_STRING:"))?;
        let about = found.name.or_else(|| found.endpoint.as_deref().and_then(name_in));
        if about.as_deref() == Some(name) {
            return Ok(found.credential);
        }
    }
    if get("AZURE_STORAGE_ACCOUNT").as_deref() != Some(name) {
        return Ok(None);
    }
    if let Some(key) = get("AZURE_STORAGE_KEY") {
        return key_credential(&key).map(Some).map_err(|why| why.replace("its key", "AZURE_STORAGE_KEY"));
    }
    let sas = get("AZURE_STORAGE_SAS_TOKEN");
    sas.map(|sas| sas_credential(&sas).map_err(|why| why.replace("its `sas`", "AZURE_STORAGE_SAS_TOKEN")))
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const SAS: &str = "sv=2022-11-02&sig=hunter2";

    fn service(keys: &[(&str, &str)]) -> StorageService {
        let get = |name: &str| keys.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        let secret = |name| get(name).map(Secret::inline);
        StorageService {
            name: get("name").unwrap_or("myaccount").to_owned(),
            provider: "azure-blob".to_owned(),
            path: None,
            key: secret("key"),
            sas: secret("sas"),
            connection_string: secret("string"),
            endpoint: get("endpoint").map(str::to_owned),
        }
    }

    fn account(
        keys: &[(&str, &str)],
        env: &[(&str, &str)],
    ) -> std::result::Result<(String, String, String), String> {
        let env = |name: &str| env.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let account = Account::of(&service(keys), &env).map_err(|error| error.to_string())?;
        let endpoint = account.endpoint.to_string().trim_end_matches('/').to_owned();
        Ok((account.name, endpoint, format!("{:?}", account.credential)))
    }

    // Proves A9, A10: the order in which credentials count, and whom an address is about.
    #[rstest]
    #[case(&[("key", "a2V5")], &[], "myaccount https://myaccount.blob.core.windows.net Key")]
    #[case(&[("key", "a2V5"), ("sas", SAS)], &[], "myaccount https://myaccount.blob.core.windows.net Key")]
    #[case(&[("sas", SAS), ("string", "AccountName=other;AccountKey=a2V5")], &[], "other https://other.blob.core.windows.net Sas")]
    #[case(&[("string", "AccountName=other;AccountKey=a2V5")], &[("AZURE_STORAGE_SAS_TOKEN", SAS)], "other https://other.blob.core.windows.net Key")]
    #[case(&[("string", "BlobEndpoint=https://other.blob.core.chinacloudapi.cn/;SharedAccessSignature=sv=1&sig=x")], &[], "other https://other.blob.core.chinacloudapi.cn Sas")]
    #[case(&[("string", "UseDevelopmentStorage=true")], &[], "devstoreaccount1 http://127.0.0.1:10000/devstoreaccount1 Key")]
    #[case(&[("endpoint", "http://127.0.0.1:9/devstoreaccount1"), ("key", "a2V5")], &[], "devstoreaccount1 http://127.0.0.1:9/devstoreaccount1 Key")]
    #[case(&[], &[("AZURE_STORAGE_ACCOUNT", "myaccount"), ("AZURE_STORAGE_KEY", "a2V5")], "myaccount https://myaccount.blob.core.windows.net Key")]
    #[case(&[], &[("AZURE_STORAGE_ACCOUNT", "myaccount"), ("AZURE_STORAGE_SAS_TOKEN", SAS)], "myaccount https://myaccount.blob.core.windows.net Sas")]
    #[case(&[], &[("AZURE_STORAGE_CONNECTION_STRING", "AccountName=myaccount;AccountKey=a2V5")], "myaccount https://myaccount.blob.core.windows.net Key")]
    #[case(&[], &[("AZURE_STORAGE_ACCOUNT", "another"), ("AZURE_STORAGE_KEY", "a2V5")], "myaccount https://myaccount.blob.core.windows.net Token")]
    #[case(&[], &[("AZURE_STORAGE_CONNECTION_STRING", "AccountName=another;AccountKey=a2V5")], "myaccount https://myaccount.blob.core.windows.net Token")]
    fn credentials_count_in_order(
        #[case] keys: &[(&str, &str)],
        #[case] env: &[(&str, &str)],
        #[case] expected: &str,
    ) {
        let (name, endpoint, credential) = account(keys, env).unwrap();
        assert_eq!(format!("{name} {endpoint} {credential}"), expected);
    }

    // Proves P10: what is wrong is told without telling the secret, and no secret goes where it is not asked for.
    #[rstest]
    #[case(&[("key", "hunter2!")], "its key is not base64")]
    #[case(&[("sas", "hunter2")], "its `sas` is no shared access signature")]
    #[case(&[("string", "hunter2")], "neither AccountKey nor SharedAccessSignature")]
    #[case(&[("string", "AccountKey=a2V5")], "neither AccountName nor BlobEndpoint")]
    #[case(&[("endpoint", "ftp://x"), ("key", "a2V5")], "`endpoint` must be an address")]
    #[case(&[("endpoint", "https://me:hunter2@x/"), ("key", "a2V5")], "`endpoint` must be an address")]
    #[case(&[("endpoint", "http://files.example.com"), ("sas", SAS)], "goes to https addresses only")]
    #[case(&[("endpoint", "http://files.example.com")], "go to https addresses only")]
    #[case(&[("name", "My.Account"), ("key", "a2V5")], "no account can be called so")]
    fn what_is_wrong_is_told(#[case] keys: &[(&str, &str)], #[case] why: &str) {
        let told = account(keys, &[]).unwrap_err();
        assert!(told.contains(why) && !told.contains("hunter2"), "{told}");
    }
}
