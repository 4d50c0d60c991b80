// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Creating;
using Sealock.Cluster.Importing;
using Sealock.Cluster.Sets;
using Sealock.Tests.Cluster.Creating;

namespace Sealock.Tests.Cluster.Importing;

public sealed class SetImportTests : IDisposable
{
    private readonly TemporarySet _source = new();
    private readonly SetFolder _target;

    public SetImportTests()
    {
        _source.Run();
        _target = new(Path.Combine(_source.Scratch, "imported"));
    }

    private (InferredCluster Found, SetImport Import) Prepare()
    {
        var found = ConfigurationInference.Infer([.. _source.Configuration.Nodes.Select(node => ((string?)node.Name, _source.PathOf("/etc/kubernetes", node.Name)))]);
        return (found, SetImport.Prepare(found.Configuration, found.Folder, _target));
    }

    private int Write()
    {
        var (found, import) = Prepare();
        return import.Write(_target, ConfigurationWriter.Write(found.Configuration));
    }

    [Fact]
    public void An_imported_set_is_complete_and_the_source_is_as_it_was()
    {
        var before = _source.Contents();
        Assert.True(Write() > 50);
        Assert.Equal(before, _source.Contents());
        var report = SetCreator.Run(_source.Plan, _target, new(), _source.Clock, CancellationToken.None);
        Assert.DoesNotContain(report.Items, item => item.Decision.Verdict != CreationVerdict.Keep);
        Assert.Equal(0, Write());
    }

    [Fact]
    public void Nothing_that_stands_is_replaced()
    {
        Directory.CreateDirectory(_target.Authorities);
        var path = Path.Combine(_target.Authorities, "ca.crt");
        File.WriteAllText(path, "mine");
        Assert.Contains(path, Assert.Throws<CreationException>(() => Write()).Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(path));
        Assert.False(File.Exists(_target.ConfigurationFile));
    }

    [Fact]
    public void Of_a_bundle_the_certificate_of_the_key_comes_first()
    {
        using var other = new TemporarySet();
        other.Run();
        var bundle = _source.PathOf("/etc/kubernetes/pki/ca.crt");
        var own = File.ReadAllText(bundle);
        File.WriteAllText(bundle, File.ReadAllText(other.PathOf("/etc/kubernetes/pki/ca.crt")) + own);
        var (_, import) = Prepare();
        Assert.StartsWith(own, System.Text.Encoding.ASCII.GetString(import.Files.First(file => file.Target.EndsWith("/ca/ca.crt", StringComparison.Ordinal)).Content), StringComparison.Ordinal);
        Assert.Single(import.Notes);
    }

    [Fact]
    public void A_folder_with_certificates_opens_in_place_and_a_set_as_a_set()
    {
        var inPlace = OpenedSet.Open(_source.PathOf("/etc/kubernetes/pki"));
        Assert.True(inPlace.Folder.IsInPlace);
        Assert.NotNull(inPlace.Inferred);
        File.WriteAllText(_source.PathOf("/etc/kubernetes/pki/cluster.yaml"), ConfigurationWriter.Write(_source.Configuration));
        var named = OpenedSet.Open(_source.PathOf("/etc/kubernetes/pki"));
        Assert.Equal(2, named.Configuration!.Nodes.Count);
        Assert.True(named.Folder.IsInPlace);
        Write();
        var set = OpenedSet.Open(_target.Root);
        Assert.False(set.Folder.IsInPlace);
        Assert.Null(set.Inferred);
    }

    public void Dispose() => _source.Dispose();
}
