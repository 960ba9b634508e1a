"""The query language by example: the help screen and the README show this table."""

LANGUAGE: tuple[tuple[str, str], ...] = (
    (
        "hdf5",
        "the package of that name; in the browser other words search names: `netcdf fortran`, `filelok`",
    ),
    ("@1.14", "version 1.14 and every version that begins with it: 1.14.6, 1.14p1"),
    ("@=1.14.6", "exactly that version"),
    ("@1.12:1.14", "a range; with an open end: `@1.12:` `@:1.14`; several: `@1.10,1.14:`"),
    ("@git.main", "built from a branch, tag or commit"),
    ("+mpi", "the variant is on; `~mpi` or ` -mpi`: it is off"),
    (
        "build_type=Release",
        "the variant has this value; `languages=c,c++`: all of these; in 1.x `languages:=c,c++`: only these",
    ),
    ("api=*", "the variant exists, whatever its value"),
    ("++shared", "the variant is on wherever it exists in the DAG; also `~~shared` `build_type==Release`"),
    ('cflags="-O3 -g"', "the compiler flags include these"),
    ("%gcc@12:", "the compiler; for records of Spack 1.x any direct dependency"),
    ("%c,cxx=clang", "a direct dependency that provides all of these languages or virtuals (1.x)"),
    ("target=x86_64_v3", "exactly that target; `target=zen3,zen4`: any of them"),
    (
        "target=:x86_64_v3",
        "runs on x86_64_v3, according to archspec; also `target=x86_64_v3:` `target=zen2:zen4`",
    ),
    ("os=ubuntu22.04", "that operating system; also `platform=linux` `arch=linux-rhel8-zen3`"),
    ("^zlib-ng@2.2+compat", "a dependency, direct or not, that matches"),
    ("^mpi", "a dependency, direct or not, that provides the virtual"),
    ("^[virtuals=mpi] openmpi", "openmpi is a dependency and provides mpi; in 1.x also `^mpi=openmpi`"),
    ("mpi", "builds that provide the virtual, by the index and Spack's recipes; `mpi@4:`: in these versions"),
    ("/3ocg37b", "the beginning of a hash; `^/3ocg37b`: of a dependency's hash"),
    ("builtin.hdf5", "the package from that namespace"),
    ("stack=e4s", "where the build was found; also `tag=` `mirror=` `view=` (not part of Spack's syntax)"),
)
"""(example, meaning); examples in the meaning stand between backquotes."""

PLAIN_WORDS: tuple[tuple[str, str], ...] = (
    ("hdf5 with mpi for zen3", "plain words; Tab writes the spec that they mean: `hdf5 +mpi target=:zen3`"),
    ("petsc no cuda", "`no` `not` `without` turn a word round: `petsc ~cuda`"),
    ("openmpi gcc 13 rhel8", "a compiler and its version, an operating system"),
    ("boost 1.86 static debug", "a version, `~shared`, `build_type=Debug`"),
)
"""(example, meaning) of what the browser and `-s` read besides spec syntax."""
