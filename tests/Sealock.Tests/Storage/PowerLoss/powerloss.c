// SPDX-License-Identifier: Apache-2.0
//
// A disk that forgets what was not synced. Preloaded into a process, it follows every file in one folder
// (POWERLOSS_FOLDER) and keeps beside it (POWERLOSS_DISK) what a loss of power would leave:
//
//   write, pwrite, ftruncate   only noted as ranges that are dirty
//   fsync, fdatasync of a file the dirty ranges are copied to its image, and the image gets the file's length
//   fsync of the folder        images of new files get their names; until then they are called ".unnamed-…"
//   unlink, rename             take effect at once
//
// With POWERLOSS_LEAK=n every n-th write also reaches the image at once in a random half-sector-aligned part, as a
// real disk may have written some of what was never synced. Files that end in -shm are memory, not disk.
// POWERLOSS_STATS names a file that counts syncs. It follows one folder without subfolders, and descriptors as
// SQLite and .NET use them: no dup, no mmap of followed files, no writev, no O_DIRECT.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX_DESCRIPTORS 65536
#define MAX_FILES 256
#define SECTOR 512

struct range { off_t start, end; };

struct file {
    char name[NAME_MAX + 1];
    int image, source, named;
    struct range *dirty;
    size_t count, room;
};

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static struct file files[MAX_FILES];
static int file_count;
static short owner[MAX_DESCRIPTORS]; // 0: not followed, -1: the folder itself, n: files[n - 1]
static char folder[PATH_MAX], disk[PATH_MAX];
static int leak;
static unsigned random_state = 1;

static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_unlink)(const char *);
static int (*real_rename)(const char *, const char *);

__attribute__((constructor)) static void start(void)
{
    real_open = dlsym(RTLD_NEXT, "open64");
    real_openat = dlsym(RTLD_NEXT, "openat64");
    real_close = dlsym(RTLD_NEXT, "close");
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_pwritev = dlsym(RTLD_NEXT, "pwritev64");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    real_rename = dlsym(RTLD_NEXT, "rename");
    const char *value = getenv("POWERLOSS_FOLDER");
    if (value && !realpath(value, folder))
        folder[0] = 0;
    value = getenv("POWERLOSS_DISK");
    if (value && !realpath(value, disk))
        folder[0] = 0;
    value = getenv("POWERLOSS_LEAK");
    leak = value ? atoi(value) : 0;
    random_state = (unsigned)getpid() * 2654435761u | 1;
}

static void fail(const char *what)
{
    fprintf(stderr, "powerloss: %s: %s\n", what, strerror(errno));
    _exit(99);
}

static unsigned next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

static int is_memory(const char *name)
{
    size_t length = strlen(name);
    return length > 4 && strcmp(name + length - 4, "-shm") == 0;
}

// The name below the followed folder, "" for the folder itself, or null.
static const char *followed_name(const char *path)
{
    static __thread char full[PATH_MAX];
    if (!folder[0])
        return NULL;
    if (path[0] != '/') {
        char here[PATH_MAX];
        if (!getcwd(here, sizeof here) || snprintf(full, sizeof full, "%s/%s", here, path) >= (int)sizeof full)
            return NULL;
        path = full;
    }
    size_t length = strlen(folder);
    if (strncmp(path, folder, length) != 0)
        return NULL;
    if (path[length] == 0)
        return path + length;
    if (path[length] != '/' || strchr(path + length + 1, '/') || is_memory(path))
        return NULL;
    return path + length + 1;
}

static void image_path(char *path, const char *name, int named)
{
    snprintf(path, PATH_MAX + NAME_MAX, "%s/%s%s", disk, named ? "" : ".unnamed-", name);
}

static struct file *find(const char *name)
{
    for (int i = 0; i < file_count; i++)
        if (strcmp(files[i].name, name) == 0)
            return &files[i];
    return NULL;
}

static void follow(int descriptor, const char *name)
{
    if (descriptor < 0 || !name)
        return;
    if (descriptor >= MAX_DESCRIPTORS)
        fail("descriptor out of range");
    if (!name[0]) {
        owner[descriptor] = -1;
        return;
    }
    pthread_mutex_lock(&gate);
    struct file *file = find(name);
    if (!file) {
        if (file_count == MAX_FILES)
            fail("too many files");
        file = &files[file_count++];
        memset(file, 0, sizeof *file);
        snprintf(file->name, sizeof file->name, "%s", name);
        char path[PATH_MAX + NAME_MAX];
        image_path(path, name, 1);
        file->image = real_open(path, O_RDWR | O_CLOEXEC);
        file->named = file->image >= 0;
        if (!file->named) {
            image_path(path, name, 0);
            file->image = real_open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        }
        if (file->image < 0)
            fail(path);
        snprintf(path, sizeof path, "%s/%s", folder, name);
        file->source = real_open(path, O_RDONLY | O_CLOEXEC);
        if (file->source < 0)
            fail(path);
    }
    owner[descriptor] = (short)(file - files + 1);
    pthread_mutex_unlock(&gate);
}

static struct file *of(int descriptor)
{
    return descriptor >= 0 && descriptor < MAX_DESCRIPTORS && owner[descriptor] > 0 ? &files[owner[descriptor] - 1] : NULL;
}

static void copy_range(struct file *file, off_t start, off_t end)
{
    char buffer[65536];
    while (start < end) {
        size_t wanted = (size_t)(end - start) < sizeof buffer ? (size_t)(end - start) : sizeof buffer;
        ssize_t count = pread(file->source, buffer, wanted, start);
        if (count < 0)
            fail("pread");
        if (count == 0)
            return;
        if (real_pwrite(file->image, buffer, (size_t)count, start) != count)
            fail("pwrite to the image");
        start += count;
    }
}

static void note(struct file *file, off_t start, ssize_t count)
{
    if (count <= 0 || file->image < 0)
        return;
    pthread_mutex_lock(&gate);
    off_t end = start + count;
    struct range *last = file->count ? &file->dirty[file->count - 1] : NULL;
    if (last && start >= last->start && start <= last->end) {
        if (end > last->end)
            last->end = end;
    } else {
        if (file->count == file->room) {
            file->room = file->room ? file->room * 2 : 64;
            file->dirty = realloc(file->dirty, file->room * sizeof *file->dirty);
            if (!file->dirty)
                fail("realloc");
        }
        file->dirty[file->count++] = (struct range){ start, end };
    }
    if (leak && next_random() % (unsigned)leak == 0) {
        off_t from = start / SECTOR * SECTOR + (off_t)(next_random() % (unsigned)(count / SECTOR + 1)) * SECTOR;
        off_t to = from + (off_t)(1 + next_random() % (unsigned)(count / SECTOR + 1)) * SECTOR;
        copy_range(file, from < start ? start : from, to > end ? end : to);
    }
    pthread_mutex_unlock(&gate);
}

static void count_sync(const char *what, const char *name)
{
    static int stats = -2;
    if (stats == -2) {
        const char *path = getenv("POWERLOSS_STATS");
        stats = path ? real_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    }
    if (stats >= 0) {
        char line[NAME_MAX + 32];
        int length = snprintf(line, sizeof line, "%s %s\n", what, name);
        if (real_write(stats, line, (size_t)length) != length)
            fail("statistics");
    }
}

static void sync_file(struct file *file)
{
    struct stat status;
    if (fstat(file->source, &status) != 0)
        fail("fstat");
    for (size_t i = 0; i < file->count; i++)
        copy_range(file, file->dirty[i].start, file->dirty[i].end);
    file->count = 0;
    if (real_ftruncate(file->image, status.st_size) != 0)
        fail("ftruncate of the image");
    count_sync("file", file->name);
}

static void sync_folder(void)
{
    for (int i = 0; i < file_count; i++) {
        char from[PATH_MAX + NAME_MAX], to[PATH_MAX + NAME_MAX];
        if (files[i].named || !files[i].name[0])
            continue;
        image_path(from, files[i].name, 0);
        image_path(to, files[i].name, 1);
        if (real_rename(from, to) != 0)
            fail(from);
        files[i].named = 1;
    }
    count_sync("folder", "");
}

static int sync_descriptor(int descriptor, int (*real)(int))
{
    int result = real(descriptor);
    if (result != 0 || descriptor < 0 || descriptor >= MAX_DESCRIPTORS || !owner[descriptor])
        return result;
    pthread_mutex_lock(&gate);
    if (owner[descriptor] < 0)
        sync_folder();
    else if (of(descriptor)->image >= 0)
        sync_file(of(descriptor));
    pthread_mutex_unlock(&gate);
    return 0;
}

static void forget(struct file *file)
{
    real_close(file->image);
    real_close(file->source);
    file->image = file->source = -1;
    file->name[0] = 0;
    file->count = 0;
}

int open64(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    int descriptor = real_open(path, flags, mode);
    if (descriptor >= 0)
        follow(descriptor, followed_name(path));
    return descriptor;
}

int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return open64(path, flags, mode);
}

int openat64(int directory, const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    int descriptor = real_openat(directory, path, flags, mode);
    if (descriptor >= 0 && (path[0] == '/' || directory == AT_FDCWD))
        follow(descriptor, followed_name(path));
    return descriptor;
}

int openat(int directory, const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return openat64(directory, path, flags, mode);
}

int close(int descriptor)
{
    if (descriptor >= 0 && descriptor < MAX_DESCRIPTORS)
        owner[descriptor] = 0;
    return real_close(descriptor);
}

ssize_t write(int descriptor, const void *data, size_t size)
{
    struct file *file = of(descriptor);
    off_t start = file ? lseek(descriptor, 0, SEEK_CUR) : 0;
    ssize_t count = real_write(descriptor, data, size);
    if (file)
        note(file, start, count);
    return count;
}

ssize_t pwrite64(int descriptor, const void *data, size_t size, off_t start)
{
    ssize_t count = real_pwrite(descriptor, data, size, start);
    struct file *file = of(descriptor);
    if (file)
        note(file, start, count);
    return count;
}

ssize_t pwrite(int descriptor, const void *data, size_t size, off_t start)
{
    return pwrite64(descriptor, data, size, start);
}

ssize_t pwritev64(int descriptor, const struct iovec *parts, int count, off_t start)
{
    ssize_t written = real_pwritev(descriptor, parts, count, start);
    struct file *file = of(descriptor);
    if (file)
        note(file, start, written);
    return written;
}

ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t start)
{
    return pwritev64(descriptor, parts, count, start);
}

int ftruncate64(int descriptor, off_t length) { return real_ftruncate(descriptor, length); }

int ftruncate(int descriptor, off_t length) { return real_ftruncate(descriptor, length); }

int fsync(int descriptor) { return sync_descriptor(descriptor, real_fsync); }

int fdatasync(int descriptor) { return sync_descriptor(descriptor, real_fdatasync); }

int unlink(const char *path)
{
    int result = real_unlink(path);
    const char *name = followed_name(path);
    if (result != 0 || !name || !name[0])
        return result;
    pthread_mutex_lock(&gate);
    struct file *file = find(name);
    char image[PATH_MAX + NAME_MAX];
    image_path(image, name, !file || file->named);
    real_unlink(image);
    if (file)
        forget(file);
    pthread_mutex_unlock(&gate);
    return 0;
}

int rename(const char *from, const char *to)
{
    int result = real_rename(from, to);
    const char *name = followed_name(from);
    if (result == 0 && name && name[0])
        fail("renaming a followed file is not supported");
    return result;
}
