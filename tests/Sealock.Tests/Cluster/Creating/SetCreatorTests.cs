// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Creating;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Pki.Files;
using Sealock.Pki.Keys;
using Sealock.Pki.Paths;

namespace Sealock.Tests.Cluster.Creating;

public sealed class SetCreatorTests : IDisposable
{
    private readonly TemporarySet _set = new();

    [Fact]
    public void From_nothing_every_planned_file_stands_and_every_leaf_leads_to_its_bundle()
    {
        var report = _set.Run();
        AssertWhole(_set);
        Assert.All(report.Items, item => Assert.Equal(CreationVerdict.Make, item.Decision.Verdict));
    }

    [Fact]
    public void A_second_run_keeps_everything_and_writes_nothing()
    {
        _set.Run();
        var before = _set.Contents();
        _set.Clock.Advance(TimeSpan.FromDays(30));
        var report = _set.Run();
        Assert.True(report.IsComplete);
        Assert.Equal(0, report.FilesWritten);
        Assert.Equal(before, _set.Contents());
    }

    [Fact]
    public void A_dry_run_says_what_would_be_made_and_writes_nothing()
    {
        var report = _set.Run(new() { DryRun = true });
        Assert.Empty(_set.Contents());
        Assert.All(report.Items, item => Assert.Equal(CreationVerdict.Make, item.Decision.Verdict));
        Assert.Equal(_set.Run().Items.Count(item => !item.Name.StartsWith('/')), report.Items.Count(item => !item.Name.StartsWith('/')));
    }

    [Fact]
    public void Secrets_are_readable_for_their_owner_alone_and_folders_too()
    {
        _set.Run();
        foreach (var file in _set.Standing().Files)
            Assert.Equal((file.Path, file.Planned.Mode), (file.Path, file.Mode!.Value));
        Assert.All(Directory.EnumerateFiles(_set.Folder.Root, "*.key", SearchOption.AllDirectories),
            path => Assert.Equal(AtomicFile.Secret, File.GetUnixFileMode(path)));
        Assert.All(Directory.EnumerateDirectories(_set.Folder.Root, "*", SearchOption.AllDirectories),
            path => Assert.Equal(AtomicFile.PrivateFolder, File.GetUnixFileMode(path)));
    }

    [Fact]
    public void A_key_that_others_may_read_is_closed_and_told()
    {
        _set.Run();
        var path = _set.PathOf("/etc/kubernetes/pki/apiserver.key");
        File.SetUnixFileMode(path, AtomicFile.Public);
        var report = _set.Run();
        Assert.Contains(report.Notes, note => note.Contains(path, StringComparison.Ordinal));
        Assert.Equal(AtomicFile.Secret, File.GetUnixFileMode(path));
    }

    [Fact]
    public void Only_what_is_missing_or_wrong_is_made()
    {
        _set.Run();
        var before = _set.Contents();
        File.Delete(_set.PathOf("/etc/kubernetes/pki/apiserver.key"));
        File.WriteAllText(_set.PathOf("/etc/kubernetes/pki/etcd/peer.crt"), "nonsense");
        File.WriteAllText(_set.PathOf("/etc/kubernetes/pki/ca.crt"), "nonsense");
        var report = _set.Run();
        Assert.Equal(["apiserver", "etcd-peer", "/etc/kubernetes/pki/ca.crt"],
            report.Items.Where(item => item.Decision.Verdict == CreationVerdict.Make).Select(item => item.Name));
        var changed = _set.Contents().Where(pair => before.GetValueOrDefault(pair.Key) != pair.Value).Select(pair => Path.GetFileName(pair.Key)).Order().ToList();
        Assert.Equal(["apiserver.crt", "apiserver.key", "peer.crt", "peer.key"], changed);
        AssertWhole(_set);
    }

    [Fact]
    public void A_kubeconfig_that_points_elsewhere_is_put_right_and_keeps_its_certificate()
    {
        _set.Run();
        var before = _set.Standing("admin.conf").Leaf;
        var path = _set.PathOf("/etc/kubernetes/admin.conf");
        File.WriteAllText(path, File.ReadAllText(path).Replace("api.example.com", "old.example.com", StringComparison.Ordinal));
        var item = Assert.Single(_set.Run().Items, item => item.Decision.Verdict == CreationVerdict.Make);
        Assert.Contains("https://old.example.com:6443", item.Decision.Reason, StringComparison.Ordinal);
        Assert.Equal(before, _set.Standing("admin.conf").Leaf);
        AssertWhole(_set);
    }

    [Fact]
    public void A_new_node_gets_its_files_and_the_others_keep_theirs()
    {
        _set.Run();
        var apiServer = _set.Standing("apiserver").Leaf;
        _set.Configuration = _set.Configuration with
        {
            Nodes = [.. _set.Configuration.Nodes, new ClusterNode { Name = "worker2", Addresses = [System.Net.IPAddress.Parse("10.0.0.12")] }],
        };
        var report = _set.Run();
        Assert.Equal(["worker2"], report.Items.Where(item => item.Decision.Verdict == CreationVerdict.Make).Select(item => item.Node!.Name).Distinct());
        Assert.Equal(apiServer, _set.Standing("apiserver").Leaf);
    }

    [Fact]
    public void Ca_and_key_that_do_not_fit_are_told_and_nothing_is_replaced()
    {
        _set.Run();
        using var other = KeyPair.Generate();
        File.WriteAllText(Path.Combine(_set.Folder.Authorities, "ca.key"), other.ToTraditionalPem());
        File.Delete(_set.PathOf("/etc/kubernetes/pki/apiserver.crt"));
        var report = _set.Run();
        Assert.Equal(["ca", "apiserver"], report.Items.Where(item => item.Decision.Verdict == CreationVerdict.Report).Select(item => item.Name));
        Assert.Equal(other.ToTraditionalPem(), File.ReadAllText(Path.Combine(_set.Folder.Authorities, "ca.key")));
    }

    [Fact]
    public void Settings_follow_the_configuration_unless_they_were_changed_by_hand()
    {
        _set.Run();
        var touched = _set.PathOf("/etc/kubernetes/manifests/kube-apiserver.yaml");
        var free = _set.PathOf("/etc/kubernetes/manifests/kube-controller-manager.yaml");
        File.AppendAllText(touched, "# mine\n");
        _set.Configuration = _set.Configuration with { KubernetesVersion = new(34) };
        var report = _set.Run();
        Assert.Contains(report.Items, item => item is { Name: "/etc/kubernetes/manifests/kube-apiserver.yaml", Decision.Verdict: CreationVerdict.Report });
        Assert.EndsWith("# mine\n", File.ReadAllText(touched), StringComparison.Ordinal);
        Assert.Contains("v1.34.0", File.ReadAllText(free), StringComparison.Ordinal);
        Assert.False(_set.Run().IsComplete);
        File.Delete(touched);
        _set.Run();
        Assert.True(_set.Run().IsComplete);
    }

    [Fact]
    public void Settings_that_somebody_else_made_are_left_alone_without_a_complaint()
    {
        var path = _set.PathOf("/etc/kubernetes/manifests/etcd.yaml");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "theirs");
        Assert.Equal(0, _set.Run().Count(CreationVerdict.Report));
        Assert.True(_set.Run().IsComplete);
        Assert.Equal("theirs", File.ReadAllText(path));
    }

    [Fact]
    public void In_place_the_node_s_own_files_are_completed_and_no_settings_are_made()
    {
        _set.Configuration = _set.Configuration with { Nodes = [_set.Configuration.Nodes[0]] };
        _set.Run();
        var pki = _set.PathOf("/etc/kubernetes/pki");
        var folder = Sealock.Cluster.Importing.ConfigurationInference.Infer(pki).Folder;
        File.Delete(Path.Combine(pki, "apiserver.crt"));
        File.Delete(_set.PathOf("/etc/kubernetes/manifests/etcd.yaml"));
        var report = SetCreator.Run(_set.Plan, folder, new(), _set.Clock, CancellationToken.None);
        Assert.Equal("apiserver", Assert.Single(report.Items, item => item.Decision.Verdict != CreationVerdict.Keep).Name);
        Assert.False(File.Exists(_set.PathOf("/etc/kubernetes/manifests/etcd.yaml")));
        Assert.True(File.Exists(Path.Combine(pki, "apiserver.crt")));
    }

    [Fact]
    public void A_secret_is_the_same_on_every_node_and_survives()
    {
        _set.Configuration = _set.Configuration with { Nodes = [.. _set.Configuration.Nodes.Select(node => node with { IsControlPlane = true })] };
        _set.Run();
        var secret = File.ReadAllText(_set.PathOf("/etc/kubernetes/pki/encryption-config.yaml"));
        Assert.Equal(secret, File.ReadAllText(_set.PathOf("/etc/kubernetes/pki/encryption-config.yaml", "worker1")));
        File.Delete(_set.PathOf("/etc/kubernetes/pki/encryption-config.yaml"));
        _set.Run();
        Assert.Equal(secret, File.ReadAllText(_set.PathOf("/etc/kubernetes/pki/encryption-config.yaml")));
    }

    [Fact]
    public void Two_runs_at_once_are_refused()
    {
        using var held = SetLock.TryTake(_set.Folder);
        Assert.Contains("another process", Assert.Throws<CreationException>(() => _set.Run()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(KeyAlgorithm.EcdsaP384)]
    [InlineData(KeyAlgorithm.EcdsaP521)]
    public void Every_key_is_of_the_kind_that_is_asked_for(KeyAlgorithm algorithm)
    {
        _set.Configuration = _set.Configuration with { KeyAlgorithm = algorithm, Nodes = [_set.Configuration.Nodes[0]], ExternalEtcd = ["https://etcd.example.com:2379"] };
        _set.Run();
        using var sample = KeyPair.Generate(algorithm);
        Assert.All(_set.Standing().Certificates, certificate => Assert.Equal(sample.PublicKey.Description, certificate.Leaf!.PublicKey.Description));
        Assert.False(Path.Exists(Path.Combine(_set.Folder.Authorities, "etcd")));
        AssertWhole(_set);
    }

    /// <summary>Everything planned is there, keys fit, chains lead to the bundle on the node, kubeconfigs to the CA.</summary>
    internal static void AssertWhole(TemporarySet set, string? without = null)
    {
        var standing = set.Standing();
        Assert.All(standing.Files.Where(file => without is null || !file.Path.EndsWith(without, StringComparison.Ordinal)), file => Assert.False(file.IsMissing, file.Path));
        foreach (var certificate in standing.Certificates)
        {
            using var key = certificate.KeyCarrier.ReadKey(null, out var problem);
            Assert.Null(problem);
            Assert.True(certificate.Leaf!.Matches(key!), certificate.Planned.Title);
            var bundle = standing.Files.First(file => file.Planned.Node == certificate.Planned.Node && file.Planned.Content is AuthorityBundle own && own.Authority == certificate.Planned.Authority);
            var verdict = ChainVerifier.Verify(certificate.Leaf, [.. certificate.Chain.Skip(1)], new(bundle.Certificates),
                new() { At = set.Clock.GetUtcNow(), Purposes = certificate.Planned.Profile.KeyPurposes });
            Assert.True(verdict.IsTrusted, $"{certificate.Planned.Title}: {verdict.Reason}");
        }
    }

    public void Dispose() => _set.Dispose();
}
