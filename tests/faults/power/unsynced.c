/* What a power cut would leave of the files of a program, which runs with this library in LD_PRELOAD.

   SIGKILL ends a process and leaves the page cache: what was written and never synced is there all the same. So this
   keeps, in a folder elsewhere, what a disk would hold: at each fsync or fdatasync of a file its content at that
   moment, at each fsync of a folder the names in it. It compares contents and does not follow calls: it is all one
   whether bytes came by write, pwrite, writev, stdio, sendfile, copy_file_range or a mapping, in a child or here. A
   rename is undone until its folder is synced. sync_file_range promises nothing, and is not heard; msync, O_SYNC and
   O_DSYNC would have to be, if one of our programs used them. Folders themselves stay.

   UNSYNCED_WATCH  the folder that is watched: absolute, without links
   UNSYNCED_DISK   the folder that is the disk: where it is empty at the start, all that is there now counts as synced
   UNSYNCED_LIES   where it is set, syncs do nothing and say that they did

   On the disk: `<inode>.<birth>` is a file's content; `names.<inode>.<birth>` is a folder: its path on the first line,
   then a line for each file in it, `<inode>.<birth> <name>`. */

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024, ID = 64 };

static const char *watched, *disk;
static int lies;

static void broken(const char *what) {
    dprintf(STDERR_FILENO, "unsynced: %s: %s\n", what, strerror(errno));
    abort();
}

/* One at a time, of all threads and all processes. A mutex would stay taken in a child that is forked meanwhile. */
static int take_turn(void) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/.turn", disk);
    int turn = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (turn < 0 || flock(turn, LOCK_EX) != 0) broken(path);
    return turn;
}

static void end_turn(int turn) {
    flock(turn, LOCK_UN);
    close(turn);
}

/* Inodes are given out again; together with its birth one names a file for ever. */
static mode_t identify(int at, const char *name, int flags, char id[ID]) {
    struct statx it;
    if (statx(at, name, flags, STATX_BASIC_STATS | STATX_BTIME, &it) != 0) return 0;
    snprintf(id, ID, "%llu.%lld%09u", (unsigned long long)it.stx_ino, (long long)it.stx_btime.tv_sec,
             it.stx_btime.tv_nsec);
    return it.stx_mode;
}

static int on_disk(const char *prefix, const char *id, const char *suffix, int flags, char path[PATH_MAX]) {
    snprintf(path, PATH_MAX, "%s/%s%s%s", disk, prefix, id, suffix);
    int fd = open(path, flags | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) broken(path);
    return fd;
}

static void keep_content(const char *path, const char *id) {
    static char now[CHUNK], before[CHUNK];
    char kept[PATH_MAX];
    int from = open(path, O_RDONLY | O_CLOEXEC), to = on_disk("", id, "", O_RDWR, kept);
    if (from < 0) broken(path);
    off_t at = 0;
    for (;;) {
        ssize_t size = pread(from, now, CHUNK, at);
        if (size < 0) broken(path);
        if (size == 0) break;
        ssize_t old = pread(to, before, (size_t)size, at);
        if ((old != size || memcmp(now, before, (size_t)size) != 0) && pwrite(to, now, (size_t)size, at) != size)
            broken(kept);
        at += size;
    }
    if (ftruncate(to, at) != 0) broken(kept);
    close(from);
    close(to);
}

/* A name that is gone while they are read was not there. */
static void keep_names(const char *path, const char *id) {
    char draft[PATH_MAX], kept[PATH_MAX], file[ID];
    FILE *names = fdopen(on_disk("names.", id, ".draft", O_WRONLY | O_TRUNC, draft), "w");
    DIR *folder = opendir(path);
    if (!names || !folder) broken(path);
    fprintf(names, "%s\n", path);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (S_ISREG(identify(dirfd(folder), entry->d_name, AT_SYMLINK_NOFOLLOW, file)))
            fprintf(names, "%s %s\n", file, entry->d_name);
    closedir(folder);
    if (fclose(names) != 0) broken(draft);
    snprintf(kept, PATH_MAX, "%s/names.%s", disk, id);
    if (rename(draft, kept) != 0) broken(kept);
}

static void keep_all(const char *path) {
    char id[ID], below[PATH_MAX];
    DIR *folder = opendir(path);
    if (!folder || !identify(AT_FDCWD, path, 0, id)) broken(path);
    keep_names(path, id);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        mode_t mode = identify(dirfd(folder), entry->d_name, AT_SYMLINK_NOFOLLOW, id);
        int is_dots = !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..");
        if (snprintf(below, PATH_MAX, "%s/%s", path, entry->d_name) >= PATH_MAX) broken(path);
        if (S_ISREG(mode)) keep_content(below, id);
        if (S_ISDIR(mode) && !is_dots) keep_all(below);
    }
    closedir(folder);
}

/* A copy: a program that shows its state in `ps` writes over its environment. */
static const char *setting(const char *name) {
    const char *value = getenv(name);
    if (!value) {
        errno = EINVAL;
        broken(name);
    }
    return strdup(value);
}

__attribute__((constructor)) static void begin(void) {
    watched = setting("UNSYNCED_WATCH");
    disk = setting("UNSYNCED_DISK");
    lies = getenv("UNSYNCED_LIES") != NULL;
    int is_empty = 1, turn = take_turn();
    DIR *folder = opendir(disk);
    if (!folder) broken(disk);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) is_empty &= entry->d_name[0] == '.';
    closedir(folder);
    if (is_empty) keep_all(watched);
    end_turn(turn);
}

static void keep(int fd) {
    char link[64], path[PATH_MAX], id[ID];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return;
    path[length] = '\0';
    size_t whole = strlen(watched);
    if (strncmp(path, watched, whole) != 0 || (path[whole] != '/' && path[whole] != '\0')) return;
    mode_t mode = identify(fd, "", AT_EMPTY_PATH, id);
    /* By its number: it may have another name by now, or none. */
    if (S_ISREG(mode)) keep_content(link, id);
    if (S_ISDIR(mode)) keep_names(path, id);
}

static int synced(const char *name, int fd) {
    if (lies) return 0;
    int (*sync)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    int done = sync(fd);
    if (done != 0) return done;
    int before = errno;
    int turn = take_turn();
    keep(fd);
    end_turn(turn);
    errno = before;
    return 0;
}

int fsync(int fd) { return synced("fsync", fd); }
int fdatasync(int fd) { return synced("fdatasync", fd); }
