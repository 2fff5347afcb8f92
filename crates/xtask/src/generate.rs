//! `gen`: the Rust side of the contract, made from `proto` by a compiler written in Rust (no `protoc` anywhere).

use std::fs;
use std::path::Path;

use prost::Message;
use prost_types::FileDescriptorSet;

use crate::failure::{Context, Failure, Result, none_of};
use crate::mirror::{self, Mode};
use crate::workspace;

/// The descriptor set beside the generated code: all files with their imports and comments, so that server reflection
/// shows the manual.
const DESCRIPTOR: &str = "descriptor.bin";

/// Brings `crates/proto/src/gen` up to date with `proto`, or checks that it is, byte for byte.
pub fn generate(mode: Mode) -> Result<()> {
    let source = workspace::root().join("crates/proto/src");
    let fresh = tempfile::tempdir().context(|| "could not make a temporary folder".to_owned())?;
    make(&workspace::root().join("proto"), fresh.path())?;
    mirror::settle(mode, fresh.path(), &source.join("gen"), "cargo xtask gen")?;
    let modules = workspace::read(&source.join("lib.rs"))?;
    let missing = unnamed(&modules, fresh.path())?;
    none_of("`crates/proto/src/lib.rs` does not include", &missing)
}

fn make(proto: &Path, out: &Path) -> Result<()> {
    let contract = compile(proto)?;
    fs::write(out.join(DESCRIPTOR), contract.encode_to_vec())
        .context(|| format!("could not write `{DESCRIPTOR}`"))?;
    tonic_prost_build::configure()
        .out_dir(out)
        .emit_rerun_if_changed(false)
        // A map with an order: the same message always has the same bytes.
        .btree_map(".")
        .compile_fds(contract)
        .context(|| "could not generate code".to_owned())?;
    // The well-known types come with `prost-types`; what the generator leaves behind for them is an empty file.
    for path in workspace::entries(out)? {
        if workspace::read_bytes(&path)?.is_empty() {
            fs::remove_file(&path).context(|| format!("could not remove `{}`", path.display()))?;
        }
    }
    Ok(())
}

fn compile(proto: &Path) -> Result<FileDescriptorSet> {
    let files = workspace::files(proto, &["proto"])?;
    if files.is_empty() {
        return Err(Failure::new(format!("there is no .proto file below `{}`", workspace::shown(proto))));
    }
    let failed = || format!("could not compile `{}`", workspace::shown(proto));
    let mut compiler = protox::Compiler::new([proto]).context(failed)?;
    compiler.include_imports(true).include_source_info(true);
    for file in files {
        // The alternate form shows the line and the column.
        compiler.open_file(&file).map_err(|cause| Failure::new(format!("{cause:?}")))?;
    }
    Ok(compiler.file_descriptor_set())
}

/// The generated files that the hand-written module tree does not include.
fn unnamed(modules: &str, generated: &Path) -> Result<Vec<String>> {
    let files = workspace::entries(generated)?;
    let names = files.iter().map(|path| workspace::name(path));
    Ok(names.filter(|name| !modules.contains(&format!("gen/{name}"))).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAGE: &str = r#"
        syntax = "proto3";
        package greenroom.stage.v1;
        import "google/protobuf/timestamp.proto";
        // Opens and closes the curtain.
        service StageService {
          // Opens it.
          rpc Open(OpenRequest) returns (OpenResponse);
        }
        message OpenRequest { map<string, string> labels = 1; }
        message OpenResponse { google.protobuf.Timestamp open_time = 1; }
    "#;

    fn stage() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("greenroom/stage/v1")).unwrap();
        fs::write(folder.path().join("greenroom/stage/v1/stage.proto"), STAGE).unwrap();
        folder
    }

    #[test]
    fn one_file_is_made_for_each_package_and_one_for_the_descriptors() {
        let (proto, out) = (stage(), tempfile::tempdir().unwrap());

        make(proto.path(), out.path()).unwrap();

        let files = workspace::entries(out.path()).unwrap();
        let names: Vec<_> = files.iter().map(|path| workspace::name(path)).collect();
        assert_eq!(names, [DESCRIPTOR, "greenroom.stage.v1.rs"]);
        let code = workspace::read(&out.path().join("greenroom.stage.v1.rs")).unwrap();
        for part in [
            "pub mod stage_service_client",
            "pub mod stage_service_server",
            "BTreeMap<",
            "prost_types::Timestamp",
        ] {
            assert!(code.contains(part), "{part}");
        }
    }

    #[test]
    fn comments_and_imports_reach_the_descriptor_set() {
        let (proto, out) = (stage(), tempfile::tempdir().unwrap());

        make(proto.path(), out.path()).unwrap();

        let bytes = fs::read(out.path().join(DESCRIPTOR)).unwrap();
        let contract = FileDescriptorSet::decode(bytes.as_slice()).unwrap();
        let names: Vec<_> = contract.file.iter().map(prost_types::FileDescriptorProto::name).collect();
        assert_eq!(names, ["google/protobuf/timestamp.proto", "greenroom/stage/v1/stage.proto"]);
        let comments = contract.file.iter().filter_map(|file| file.source_code_info.as_ref());
        let comments: Vec<_> = comments
            .flat_map(|info| &info.location)
            .map(prost_types::source_code_info::Location::leading_comments)
            .collect();
        assert!(comments.contains(&" Opens and closes the curtain.\n"));
        assert!(comments.contains(&" Opens it.\n"));
    }

    #[test]
    fn the_same_contract_gives_the_same_bytes() {
        let (proto, first, second) = (stage(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());

        make(proto.path(), first.path()).unwrap();
        make(proto.path(), second.path()).unwrap();

        mirror::settle(Mode::Check, first.path(), second.path(), "").unwrap();
    }

    #[test]
    fn a_mistake_in_the_contract_is_shown_with_its_place() {
        let proto = stage();
        fs::write(proto.path().join("bad.proto"), "syntax = \"proto3\";\nmessage { }\n").unwrap();

        let failure = compile(proto.path()).unwrap_err().to_string();

        assert!(failure.contains("bad.proto"), "{failure}");
        assert!(failure.contains('2'), "{failure}");
    }

    #[test]
    fn a_package_that_the_module_tree_forgets_is_named() {
        let out = tempfile::tempdir().unwrap();
        for name in ["greenroom.a.v1.rs", "greenroom.b.v1.rs"] {
            fs::write(out.path().join(name), "x").unwrap();
        }

        let missing = unnamed("include!(\"gen/greenroom.a.v1.rs\");", out.path()).unwrap();

        assert_eq!(missing, ["greenroom.b.v1.rs"]);
    }
}
