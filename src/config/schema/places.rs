//! Services, targets, machines, and how they are set up.

use super::words::Os;
use super::{IDLE, Key, Kind, Rule};

const REQUIRED: &[Rule] = &[Rule::Required];

pub(super) const XT_SERVICES: Key = Key::new(
    "xt-services",
    Kind::Keys(&[
        Key::new("storage", Kind::Text, "", "external service that keeps files; unset: the embedded store"),
        Key::new("mongo", Kind::Text, "", "external service that keeps records; unset: the embedded store"),
        Key::new("vault", Kind::Text, "", "external service that keeps credentials").with(IDLE),
        Key::new(
            "target",
            Kind::Text,
            "local",
            "compute target, or box, where runs go unless told otherwise",
        ),
    ]),
    "",
    "which services xt itself uses",
);

pub(super) const EXTERNAL_SERVICES: Key = Key::new(
    "external-services",
    Kind::Entries(&[
        Key::new(
            "type",
            Kind::Choice(&["storage", "mongo", "vault", "registry", "batch", "aml", "slurm", "philly"]),
            "",
            "kind of service",
        )
        .with(REQUIRED),
        Key::new(
            "provider",
            Kind::Text,
            "",
            "storage: how it is reached, `azure-blob` (also `azure-blob-21`, `azure-blob-210`) or `store-file`",
        ),
        Key::new("path", Kind::Path, "", "storage: folder of a `store-file`"),
        Key::new(
            "endpoint",
            Kind::Text,
            "",
            "storage: address of the account; unset: https://NAME.blob.core.windows.net",
        )
        .with(&[Rule::Trusted]),
        Key::new(
            "key",
            Kind::Secret,
            "",
            "storage, batch: the account's key; unset: `sas`, `connection-string`, AZURE_STORAGE_*, or Entra ID",
        ),
        Key::new("sas", Kind::Secret, "", "storage: a shared access signature in place of the key")
            .with(&[Rule::Trusted]),
        Key::new(
            "connection-string",
            Kind::Secret,
            "",
            "storage: address and key in one, as the account's page shows it",
        )
        .with(&[Rule::Trusted]),
        Key::new("url", Kind::Text, "", "batch, vault, storage: address of the service").with(IDLE),
        Key::new(
            "mongo-connection-string",
            Kind::Secret,
            "",
            "mongo: `mongodb://` address, with its password; its path names the database, `xtdb` unless it does",
        ),
        Key::new("subscription-id", Kind::Text, "", "aml: Azure subscription").with(IDLE),
        Key::new("resource-group", Kind::Text, "", "aml: Azure resource group").with(IDLE),
        Key::new("login-server", Kind::Text, "", "registry: host of the container registry").with(IDLE),
        Key::new("username", Kind::Text, "", "registry: user to log in as").with(IDLE),
        Key::new("password", Kind::Secret, "", "registry: password of that user").with(IDLE),
        Key::new("login", Kind::Bool, "", "registry: whether to log in before pulling").with(IDLE),
    ]),
    "",
    "services xt can use, and their credentials",
)
.with(&[Rule::Sealed]);

pub(super) const COMPUTE_TARGETS: Key = Key::new(
    "compute-targets",
    Kind::Entries(&[
        Key::new("service", Kind::Text, "", "`pool` for boxes, else the name of an external service")
            .with(REQUIRED),
        Key::new("boxes", Kind::TextList, "[]", "pool: names of boxes"),
        Key::new("setup", Kind::Text, "", "entry of `setups` that prepares each node").with(IDLE),
        Key::new("docker", Kind::Text, "", "entry of `dockers` to run in").with(IDLE),
        Key::new("nodes", Kind::POSITIVE, "1", "how many nodes a job gets").with(IDLE),
        Key::new("low-pri", Kind::Bool, "false", "take nodes that may be preempted").with(IDLE),
        Key::new("box-class", Kind::Text, "", "entry of `script-launch-prefix` for its nodes").with(IDLE),
        Key::new("vm-size", Kind::Text, "", "batch, aml: size of the machines").with(IDLE),
        Key::new("azure-image", Kind::Text, "", "batch: entry of `azure-batch-images`").with(IDLE),
        Key::new("compute", Kind::Text, "", "aml: name of the compute cluster").with(IDLE),
        Key::new("cluster", Kind::Text, "", "slurm: cluster to submit to").with(IDLE),
        Key::new("queue", Kind::Text, "", "slurm: partition to submit to").with(IDLE),
        Key::new("vc", Kind::Text, "", "slurm: account to charge").with(IDLE),
        Key::new("sku", Kind::Text, "", "slurm: features the nodes must have").with(IDLE),
        Key::ignored("environment", Kind::Text),
    ]),
    "{local: {service: pool, boxes: [localhost], setup: local}}",
    "where jobs can run",
);

pub(super) const BOXES: Key = Key::new(
    "boxes",
    Kind::Entries(&[
        Key::new("address", Kind::Address, "", "host to reach by ssh; `localhost` is this machine")
            .with(REQUIRED),
        Key::new("os", Kind::Choice(Os::WORDS), "linux", "its operating system").with(IDLE),
        Key::new("box-class", Kind::Text, "", "entry of `script-launch-prefix` to start scripts with")
            .with(IDLE),
        Key::new(
            "max-runs",
            Kind::POSITIVE,
            "",
            "runs at the same time, those of all users counted; unset: one for each GPU, else for each core",
        ),
        Key::new(
            "gpus",
            Kind::Int { min: 0, max: 1024 },
            "",
            "GPUs to share out among all users; unset: as found",
        ),
        Key::new("actions", Kind::TextList, "[]", "stores to download or mount there: `data`, `model`")
            .with(IDLE),
        Key::new("setup", Kind::Text, "", "entry of `setups` that prepares it").with(IDLE),
        Key::new("ssh-config", Kind::Path, "", "configuration file for ssh instead of the usual")
            .with(&[Rule::Trusted, Rule::Idle]),
        Key::new("home", Kind::Text, "", "folder on the box for xt's own files; unset: as on this machine")
            .with(IDLE),
    ]),
    "{local: {address: localhost, setup: local}}",
    "machines that can run jobs",
);

pub(super) const SETUPS: Key = Key::new(
    "setups",
    Kind::Entries(&[
        Key::new("activate", Kind::Text, "", "shell command that activates the environment"),
        Key::new("conda-packages", Kind::TextList, "[]", "packages to install with conda"),
        Key::new("pip-packages", Kind::TextList, "[]", "packages to install with pip"),
    ]),
    "{local: {}}",
    "how nodes are prepared",
)
.with(IDLE);

pub(super) const DOCKERS: Key = Key::new(
    "dockers",
    Kind::Entries(&[
        Key::new("registry", Kind::Text, "", "external service the image comes from; empty: local"),
        Key::new("image", Kind::Text, "", "name and tag of the image").with(REQUIRED),
    ]),
    "",
    "container images that runs can use",
)
.with(IDLE);

pub(super) const SCRIPT_LAUNCH_PREFIX: Key = Key::new(
    "script-launch-prefix",
    Kind::TextMap,
    r#"{windows: "", linux: "bash --login", dsvm: "bash --login", azureml: "bash"}"#,
    "commands that start scripts, by box class",
)
.with(IDLE);

pub(super) const AZURE_BATCH_IMAGES: Key = Key::new(
    "azure-batch-images",
    Kind::Entries(&[
        Key::new("offer", Kind::Text, "", "offer of the image in Azure's marketplace").with(REQUIRED),
        Key::new("publisher", Kind::Text, "", "who publishes it").with(REQUIRED),
        Key::new("sku", Kind::Text, "", "its variant").with(REQUIRED),
        Key::new("node-agent-sku-id", Kind::Text, "", "the matching node agent of Azure Batch")
            .with(REQUIRED),
        Key::new("version", Kind::Text, "latest", "its version"),
    ]),
    "",
    "machine images for Azure Batch",
)
.with(IDLE);

pub(super) const PROVIDERS: Key = Key::new(
    "providers",
    Kind::Keys(&[
        Key::ignored("command", Kind::TextMap),
        Key::ignored("compute", Kind::TextMap),
        Key::ignored("hp-search", Kind::TextMap),
        Key::ignored("storage", Kind::TextMap),
    ]),
    "",
    "Python classes that XTLib loads; xt loads no code",
)
.with(&[Rule::Ignored]);
