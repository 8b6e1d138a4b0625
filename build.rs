//! How the binary is linked, and the document that it carries.

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// Where the committed document stands.
const DOCUMENT: &str = "openapi/sarus.json";

/// The functions that a running service calls, as `.ci/layout` found them.
const CALLED: &str = ".cargo/called.txt";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={DOCUMENT}");
    let packed = fs::File::create(Path::new(&env::var("OUT_DIR")?).join("sarus.json.zlib"))?;
    let mut packing = ZlibEncoder::new(packed, Compression::best());
    packing.write_all(&fs::read(DOCUMENT)?)?;
    packing.finish()?;
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && is("CARGO_CFG_TARGET_ARCH", "x86_64")
    {
        // Addresses that the loader must adjust are listed in a fortieth of the space. Needs glibc 2.36 (Debian 12).
        println!("cargo::rustc-link-arg-bin=sarus=-Wl,-z,pack-relative-relocs");
        if is("PROFILE", "release") && links_with_lld() {
            lay_out()?;
        }
    }
    Ok(())
}

/// Puts the functions that a running service calls side by side. Of the others, two thirds of the code, the system then
/// brings nothing into memory; spread among them, it would bring in nearly all. A name that is gone is passed over.
fn lay_out() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={CALLED}");
    let order = fs::canonicalize(CALLED)?;
    println!("cargo::rustc-link-arg-bin=sarus=-Wl,--symbol-ordering-file={}", order.display());
    println!("cargo::rustc-link-arg-bin=sarus=-Wl,--no-warn-symbol-ordering");
    Ok(())
}

/// Whether this Rust brings the linker that knows how: the one of Rust's own makers does, a distribution's may not.
fn links_with_lld() -> bool {
    let sysroot =
        Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())).args(["--print", "sysroot"]).output();
    sysroot.is_ok_and(|found| {
        let lld = "lib/rustlib/x86_64-unknown-linux-gnu/bin/gcc-ld/ld.lld";
        str::from_utf8(&found.stdout).is_ok_and(|sysroot| Path::new(sysroot.trim()).join(lld).exists())
    })
}
