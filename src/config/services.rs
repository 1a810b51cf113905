//! The external services that xt itself uses.

use super::diagnostic::{quoted, suggest};
use super::tree::Value;
use super::{Config, Secret};

/// Why a service that the configuration names cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    /// There is no such service.
    #[error("`xt-services.{role}` names {shown}, and `external-services` has no such entry{hint}", shown = quoted(.name), hint = .suggestion.as_ref().map(|word| format!("; did you mean `{word}`?")).unwrap_or_default())]
    Unknown {
        /// What it is wanted for.
        role: &'static str,
        /// The name.
        name: String,
        /// The name that was probably meant.
        suggestion: Option<String>,
    },
    /// It is of another kind.
    #[error("`xt-services.{role}` names {shown}, whose type is `{found}`: name one of type `{role}`", shown = quoted(.name))]
    OtherType {
        /// What it is wanted for.
        role: &'static str,
        /// The name.
        name: String,
        /// Its type.
        found: String,
    },
    /// It lacks a key.
    #[error("`external-services.{name}` has no `{key}`: write it, best as `$env:NAME` or `$file:path`")]
    Lacks {
        /// The name.
        name: String,
        /// The key.
        key: &'static str,
    },
}

impl Config {
    /// The connection string of the server that keeps the records; none when they are kept in the embedded store.
    pub fn mongo(&self) -> Result<Option<Secret>, ServiceError> {
        const ROLE: &str = "mongo";
        const KEY: &str = "mongo-connection-string";
        let Some(name) = self.xt_services.mongo.as_deref().filter(|name| !name.is_empty()) else {
            return Ok(None);
        };
        let all =
            self.tree.value.as_map().and_then(|sections| sections.get("external-services")?.value.as_map());
        let Some(entry) = all.and_then(|all| all.get(name)?.value.as_map()) else {
            let known = all.into_iter().flat_map(|all| all.keys().map(String::as_str));
            return Err(ServiceError::Unknown {
                role: ROLE,
                name: name.to_owned(),
                suggestion: suggest(name, known),
            });
        };
        match entry.get("type").and_then(|node| node.value.as_text()) {
            Some(ROLE) => {}
            found => {
                let found = found.unwrap_or_default().to_owned();
                return Err(ServiceError::OtherType { role: ROLE, name: name.to_owned(), found });
            }
        }
        let secret = entry.get(KEY).and_then(|node| Value::as_secret(&node.value)).cloned();
        secret.map(Some).ok_or_else(|| ServiceError::Lacks { name: name.to_owned(), key: KEY })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use crate::config::{Sources, load};

    fn mongo(text: &str) -> Result<Option<String>, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("xt_config.yaml");
        std::fs::write(&file, text).unwrap();
        let config = load(&Sources { user_file: Some(file), ..Sources::default() }).config;
        config
            .mongo()
            .map(|secret| secret.map(|secret| secret.to_string()))
            .map_err(|error| error.to_string())
    }

    // Proves A10: a few lines put the records on a server, and each mistake in them is told as what it is.
    #[rstest]
    #[case::embedded("general: {username: me}", Ok(None))]
    #[case::named(
        "{xt-services: {mongo: mydb}, external-services: {mydb: {type: mongo, mongo-connection-string: \"$env:XT_MONGO\"}}}",
        Ok(Some("$env:XT_MONGO"))
    )]
    #[case::unknown(
        "{xt-services: {mongo: mybd}, external-services: {mydb: {type: mongo, mongo-connection-string: \"$env:XT_MONGO\"}}}",
        Err(
            "`xt-services.mongo` names `mybd`, and `external-services` has no such entry; did you mean `mydb`?"
        )
    )]
    #[case::another(
        "{xt-services: {mongo: mydb}, external-services: {mydb: {type: storage}}}",
        Err("`xt-services.mongo` names `mydb`, whose type is `storage`: name one of type `mongo`")
    )]
    #[case::without_address(
        "{xt-services: {mongo: mydb}, external-services: {mydb: {type: mongo}}}",
        Err(
            "`external-services.mydb` has no `mongo-connection-string`: write it, best as `$env:NAME` or `$file:path`"
        )
    )]
    fn the_records_are_where_the_configuration_says(
        #[case] text: &str,
        #[case] expected: Result<Option<&str>, &str>,
    ) {
        let expected = expected.map(|found| found.map(str::to_owned)).map_err(str::to_owned);
        assert_eq!(mongo(text), expected);
    }
}
