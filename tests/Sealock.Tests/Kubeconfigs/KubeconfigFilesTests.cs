// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Kubeconfigs;

namespace Sealock.Tests.Kubeconfigs;

public sealed class KubeconfigFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sealock-kubeconfig-").FullName;

    private static Kubeconfig Addition { get; } = Kubeconfig.Create(
        new() { Name = "c", Server = "https://a" }, new() { Name = "u", Token = "t" }, new() { Name = "k", Cluster = "c", User = "u" });

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_default_files_are_kubectls()
    {
        Assert.Equal(["/a", "/b"], KubeconfigFiles.DefaultPaths("/a::/b:/a", "/home/x"));
        Assert.Equal(["/home/x/.kube/config"], KubeconfigFiles.DefaultPaths(null, "/home/x"));
        var present = Path.Combine(_folder, "present");
        File.WriteAllText(present, "");
        Assert.Equal(present, KubeconfigFiles.PathForChanges([Path.Combine(_folder, "absent"), present]));
        Assert.Equal("/no/two", KubeconfigFiles.PathForChanges(["/no/one", "/no/two"]));
    }

    [Fact]
    public void A_merge_makes_a_file_for_its_owner_only_and_leaves_nothing_beside_it()
    {
        var path = Path.Combine(_folder, "kube", "config");
        var merge = KubeconfigFiles.MergeInto(path, Addition, useContext: true);
        Assert.Equal("k", merge.Context);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
        Assert.Equal("t", KubeconfigFiles.Load([path, "/does/not/exist"]).Users[0].Token);
        KubeconfigFiles.MergeInto(path, Addition, useContext: true);
        Assert.Single(KubeconfigFiles.Read(path).Clusters);
    }

    [Fact]
    public void A_link_stays_a_link()
    {
        var target = Path.Combine(_folder, "real");
        var link = Path.Combine(_folder, "link");
        File.WriteAllText(target, "");
        File.CreateSymbolicLink(link, target);
        KubeconfigFiles.Write(link, Addition);
        Assert.NotNull(new FileInfo(link).LinkTarget);
        Assert.Single(KubeconfigFiles.Read(target).Clusters);
    }

    [Fact]
    public void A_locked_file_is_left_alone()
    {
        var path = Path.Combine(_folder, "config");
        File.WriteAllText(path + ".lock", "");
        var refusal = Assert.Throws<KubeconfigFileException>(() => KubeconfigFiles.MergeInto(path, Addition, useContext: true));
        Assert.Contains("being changed by someone else", refusal.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(path));
        Assert.True(File.Exists(path + ".lock"));
    }

    [Fact]
    public void A_malformed_file_is_named_and_kept()
    {
        var path = Path.Combine(_folder, "config");
        File.WriteAllText(path, "clusters: 1");
        var refusal = Assert.Throws<KubeconfigFileException>(() => KubeconfigFiles.MergeInto(path, Addition, useContext: true));
        Assert.Equal($"{path} is not a kubeconfig: clusters must be a list", refusal.Message);
        Assert.Equal("clusters: 1", File.ReadAllText(path));
    }
}
