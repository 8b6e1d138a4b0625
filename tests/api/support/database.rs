//! A fresh database for each test: a copy of a migrated template, on SQLite and on a throw-away PostgreSQL.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sarus::store::{Store, connect};

use super::world::World;

static NEXT: AtomicU32 = AtomicU32::new(1);

/// A folder for this run, in memory where the machine has such a place.
fn scratch() -> &'static Path {
    static SCRATCH: OnceLock<PathBuf> = OnceLock::new();
    SCRATCH.get_or_init(|| {
        let memory = Path::new("/dev/shm");
        let base = if memory.is_dir() { memory.to_path_buf() } else { std::env::temp_dir() };
        let folder = base.join(format!("sarus-tests-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        // The folder goes when the test process has gone, however it ended.
        let watch =
            format!("while kill -0 {} 2>/dev/null; do sleep 1; done; rm -rf {}", std::process::id(), folder.display());
        #[expect(clippy::zombie_processes, reason = "it outlives this process, to clean up after it")]
        Command::new("sh").args(["-c", &watch]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        folder
    })
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    actix_web::rt::System::new().block_on(future)
}

fn run<F: Future<Output = ()>>(url: &str, scenario: impl FnOnce(World) -> F) {
    block_on(async {
        let store = Store::connect(url).await.unwrap();
        let world = World::open(store).await;
        scenario(world).await;
    });
}

/// Runs a scenario on a fresh SQLite file.
pub fn on_sqlite<F: Future<Output = ()>>(scenario: impl FnOnce(World) -> F) {
    static TEMPLATE: OnceLock<PathBuf> = OnceLock::new();
    let template = TEMPLATE.get_or_init(|| {
        let path = scratch().join("template.db");
        let url = format!("sqlite://{}", path.display());
        std::thread::spawn(move || block_on(connect::migrate(&url)).unwrap()).join().unwrap();
        path
    });
    let path = scratch().join(format!("{}.db", NEXT.fetch_add(1, Ordering::Relaxed)));
    std::fs::copy(template, &path).unwrap();
    run(&format!("sqlite://{}", path.display()), scenario);
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", path.display()));
    }
}

/// Runs a scenario on a fresh database of a throw-away PostgreSQL; says so when there is none, and fails then if
/// `SARUS_REQUIRE_POSTGRES` is set.
pub fn on_postgres<F: Future<Output = ()>>(scenario: impl FnOnce(World) -> F) {
    let Some(server) = server() else {
        assert!(
            std::env::var("SARUS_REQUIRE_POSTGRES").is_err(),
            "SARUS_REQUIRE_POSTGRES is set and PostgreSQL was not found"
        );
        eprintln!("skipped: PostgreSQL's binaries were not found");
        return;
    };
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    server.sql(&format!("CREATE DATABASE {name} TEMPLATE template_sarus"));
    run(&server.url(&name), scenario);
    server.sql(&format!("DROP DATABASE {name} WITH (FORCE)"));
}

/// Says which databases a run tests: a line in the output, and a failure where PostgreSQL is required and missing.
#[test]
fn which_databases_are_tested() {
    match server() {
        Some(server) => eprintln!("databases: SQLite and PostgreSQL ({})", server.binaries.display()),
        None => eprintln!("databases: SQLite only; PostgreSQL's binaries were not found"),
    }
    assert!(server().is_some() || std::env::var("SARUS_REQUIRE_POSTGRES").is_err());
}

struct Server {
    binaries: PathBuf,
    folder: PathBuf,
}

fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(Server::start).as_ref()
}

impl Server {
    fn start() -> Option<Self> {
        let binaries = binaries()?;
        let folder = scratch().join("postgres");
        let server = Self { binaries, folder };
        let folder = server.folder.display();
        std::fs::create_dir_all(&server.folder).unwrap();
        server.as_owner(&format!("chown \"$OWNER\" {folder} 2>/dev/null || true"), true);
        let initdb = server.binaries.join("initdb");
        server.as_owner(
            &format!(
                "{} -D {folder}/data -U sarus -A trust -E UTF8 --no-sync >{folder}/initdb.log 2>&1",
                initdb.display()
            ),
            false,
        );
        // Nothing here outlives the run: durability is switched off, and the server ends with the test process.
        let settings = format!(
            "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses= \
             -c unix_socket_directories={folder} -c max_connections=400 -c shared_buffers=64MB"
        );
        let (postgres, process) = (server.binaries.join("postgres"), std::process::id());
        let script = format!(
            "{postgres} -D {folder}/data {settings} >{folder}/server.log 2>&1 & server=$!; \
             while kill -0 $server 2>/dev/null; do [ -d /proc/{process} ] || kill -INT $server; sleep 1; done",
            postgres = postgres.display()
        );
        let mut command = owner_command(&script);
        #[expect(clippy::zombie_processes, reason = "it ends by itself, after this process")]
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        for _ in 0..300 {
            if server.psql("postgres", "SELECT 1") {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        server.sql("CREATE DATABASE template_sarus");
        let url = server.url("template_sarus");
        std::thread::spawn(move || block_on(connect::migrate(&url)).unwrap()).join().unwrap();
        Some(server)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://sarus@localhost/{database}?host={}", self.folder.display())
    }

    fn psql(&self, database: &str, sql: &str) -> bool {
        let psql = self.binaries.join("psql");
        let mut command = Command::new(psql);
        command.args(["-q", "-U", "sarus", "-h"]).arg(&self.folder).args(["-d", database, "-c", sql]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    }

    fn sql(&self, sql: &str) {
        // CREATE DATABASE refuses while another copy of the template is being made.
        let done = (0..100).any(|attempt| {
            std::thread::sleep(std::time::Duration::from_millis(20 * u64::from(attempt > 0)));
            self.psql("postgres", sql)
        });
        assert!(done, "{sql}; see {}", self.folder.join("server.log").display());
    }

    fn as_owner(&self, script: &str, as_self: bool) {
        let mut command = if as_self { shell(script) } else { owner_command(script) };
        let status = command.env("OWNER", OWNER).status().unwrap();
        assert!(status.success(), "{script}");
    }
}

/// PostgreSQL refuses to run as root: then it runs as this user, which every Debian has.
const OWNER: &str = "nobody";

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

fn owner_command(script: &str) -> Command {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    if !is_root {
        return shell(script);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", OWNER, "--clear-groups", "sh", "-c", script]);
    command.current_dir("/");
    command
}

/// The folder that holds `initdb`, `postgres` and `psql`: Debian keeps them off the path.
fn binaries() -> Option<PathBuf> {
    let versions = ["18", "17", "16", "15"].map(|version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin")));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let complete = |folder: &PathBuf| ["initdb", "postgres", "psql"].iter().all(|name| folder.join(name).is_file());
    versions.into_iter().chain(std::env::split_paths(&path)).find(complete)
}
