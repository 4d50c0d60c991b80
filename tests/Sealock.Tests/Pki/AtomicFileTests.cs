// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Files;

namespace Sealock.Tests.Pki;

public sealed class AtomicFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sealock-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(AtomicFile.Secret)]
    [InlineData(AtomicFile.Public)]
    public void A_file_has_its_content_and_exactly_its_mode(UnixFileMode mode)
    {
        var path = Path.Combine(_folder, "file");
        AtomicFile.Write(path, "one"u8, AtomicFile.Public);
        AtomicFile.Write(path, "two"u8, mode);
        Assert.Equal("two", File.ReadAllText(path));
        Assert.Equal(mode, File.GetUnixFileMode(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void What_cannot_be_written_leaves_nothing_behind()
    {
        var target = Directory.CreateDirectory(Path.Combine(_folder, "target")).FullName;
        File.WriteAllText(Path.Combine(target, "inside"), "");
        Assert.ThrowsAny<Exception>(() => AtomicFile.Write(target, "content"u8, AtomicFile.Secret));
        Assert.Equal([target], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void A_link_is_replaced_and_its_target_untouched()
    {
        var target = Path.Combine(_folder, "target");
        var link = Path.Combine(_folder, "link");
        File.WriteAllText(target, "old");
        File.CreateSymbolicLink(link, target);
        AtomicFile.Write(link, "new"u8, AtomicFile.Secret);
        Assert.Equal("old", File.ReadAllText(target));
        Assert.Equal("new", File.ReadAllText(link));
    }

    [Fact]
    public void A_new_folder_is_for_its_owner_alone()
    {
        var path = Path.Combine(_folder, "a", "b");
        AtomicFile.CreateFolder(path);
        Assert.Equal(AtomicFile.PrivateFolder, File.GetUnixFileMode(path));
    }
}
