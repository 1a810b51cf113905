//! Tokens of Entra ID, from where Azure's own tools would take them.

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use azure_identity::{
    ClientSecretCredential, DeveloperToolsCredential, ManagedIdentityCredential, WorkloadIdentityCredential,
};

/// Where tokens come from.
pub(super) type Token = Arc<dyn TokenCredential>;

/// What the surroundings offer: a workload's own identity, an application's secret, else whoever is signed in with
/// `az login` or `azd auth login`, else the machine's identity.
pub(super) fn token(env: &dyn Fn(&str) -> Option<String>) -> Result<Token, String> {
    super::choose_tls();
    let get = |name: &str| env(name).filter(|value| !value.is_empty());
    let found = if get("AZURE_FEDERATED_TOKEN_FILE").is_some() {
        WorkloadIdentityCredential::new(None).map(|token| token as Token)
    } else if let (Some(tenant), Some(client), Some(secret)) =
        (get("AZURE_TENANT_ID"), get("AZURE_CLIENT_ID"), get("AZURE_CLIENT_SECRET"))
    {
        ClientSecretCredential::new(&tenant, client, Secret::new(secret), None).map(|token| token as Token)
    } else {
        person_or_machine()
    };
    found.map_err(|error| {
        format!("Entra ID cannot be asked ({error}); sign in with `az login`, or give a key")
    })
}

fn person_or_machine() -> azure_core::Result<Token> {
    let person = DeveloperToolsCredential::new(None)?;
    let machine = ManagedIdentityCredential::new(None)?;
    Ok(Arc::new(FirstOf { person, machine }))
}

#[derive(Debug)]
struct FirstOf {
    person: Arc<DeveloperToolsCredential>,
    machine: Arc<ManagedIdentityCredential>,
}

#[async_trait]
impl TokenCredential for FirstOf {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        match self.person.get_token(scopes, options.clone()).await {
            Ok(token) => Ok(token),
            // Whose fault it was is known better of the person than of a machine that has no identity.
            Err(error) => self.machine.get_token(scopes, options).await.map_err(|_| error),
        }
    }
}
