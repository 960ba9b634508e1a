"""What can be typed, one example each: the help screen and the README show this table."""

LANGUAGE: tuple[tuple[str, str], ...] = (
    (
        "hdf5",
        "the package of that name; in the browser other words search names: `netcdf fortran`, `filelok`",
    ),
    ("@1.14", "version 1.14 and all that begin so: 1.14.6, 1.14p1"),
    ("@=1.14.6", "exactly that version"),
    ("@1.12:1.14", "a range; open at an end: `@1.12:` `@:1.14`; several: `@1.10,1.14:`"),
    ("@git.main", "built from a branch, tag or commit"),
    ("+mpi", "a variant that is on; `~mpi` or ` -mpi` off"),
    (
        "build_type=Release",
        "a variant's value; `languages=c,c++` all of these; in 1.x `languages:=c,c++` just these",
    ),
    ("api=*", "the variant exists, whatever its value"),
    ("++shared", "wherever in the DAG the variant exists, it is on; also `~~shared` `build_type==Release`"),
    ('cflags="-O3 -g"', "these are among the compiler flags"),
    ("%gcc@12:", "the compiler; for records of Spack 1.x any direct dependency"),
    ("%c,cxx=clang", "a direct dependency that serves these languages or virtuals, all of them (1.x)"),
    ("target=x86_64_v3", "just that target; `target=zen3,zen4` any of them"),
    ("target=:x86_64_v3", "what runs on x86_64_v3, by archspec; also `target=x86_64_v3:` `target=zen2:zen4`"),
    ("os=ubuntu22.04", "that operating system; also `platform=linux` `arch=linux-rhel8-zen3`"),
    ("^zlib-ng@2.2+compat", "somewhere below is a dependency that is so"),
    ("^mpi", "somewhere below something provides that virtual"),
    ("^[virtuals=mpi] openmpi", "somewhere below openmpi provides mpi; in 1.x also `^mpi=openmpi`"),
    ("mpi", "the packages that provide a virtual, where its name is no package"),
    ("/3ocg37b", "the beginning of a hash; `^/3ocg37b` below"),
    ("builtin.hdf5", "the package of a namespace"),
    ("stack=e4s", "where it was seen; also `tag=` `mirror=` `view=` (no part of Spack's syntax)"),
)
"""(example, meaning); examples in the meaning stand between backquotes."""
