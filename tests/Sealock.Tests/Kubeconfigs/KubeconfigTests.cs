// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Kubeconfigs;

namespace Sealock.Tests.Kubeconfigs;

public sealed class KubeconfigTests
{
    private const string Text = """
        apiVersion: v1
        kind: Config
        current-context: one
        clusters:
        - name: c
          cluster:
            server: https://a:6443
            certificate-authority: ca.crt
            tls-server-name: b
            proxy-url: socks5://p
            insecure-skip-tls-verify: true
            extensions: [{name: x}]
        users:
        - name: u
          user:
            client-certificate-data: Y2VydA==
            client-key: /keys/u.key
            token: "123"
            exec: {apiVersion: client.authentication.k8s.io/v1, command: ./helper, args: [a, b], env: [{name: NAME, value: V}], interactiveMode: Never}
        contexts:
        - name: one
          context: {cluster: c, user: u, namespace: ns}
        - name: two
          context: {cluster: missing, user: u}
        future: {kept: true}
        """;

    [Fact]
    public void Entries_are_read_and_paths_taken_from_the_files_folder()
    {
        var config = Parse(Text, "/etc/kube");
        var cluster = Assert.Single(config.Clusters);
        Assert.Equal(("c", "https://a:6443", "/etc/kube/ca.crt", "b", "socks5://p", true),
            (cluster.Name, cluster.Server, cluster.CertificateAuthority, cluster.TlsServerName, cluster.ProxyUrl, cluster.InsecureSkipTlsVerify));
        var user = Assert.Single(config.Users);
        Assert.Equal("cert"u8.ToArray(), user.ClientCertificateData.ToArray());
        Assert.Equal(("/keys/u.key", "123", "/etc/kube/helper"), (user.ClientKey, user.Token, user.Exec!.Command));
        Assert.Equal(["a", "b"], user.Exec.Arguments.ToArray());
        Assert.True(config.TryResolve(null, out var target, out _));
        Assert.Equal(("one", "c", "u", "ns"), (target.Context, target.Cluster.Name, target.User!.Name, target.Namespace));
        Assert.DoesNotContain("123", user.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nope", "context \"nope\" does not exist")]
    [InlineData("two", "context \"two\" names cluster \"missing\", which does not exist")]
    public void A_context_that_leads_nowhere_is_explained(string context, string message)
    {
        Assert.False(Parse(Text, "").TryResolve(context, out _, out var error));
        Assert.Equal(message, error);
    }

    [Theory]
    [InlineData("clusters: 1", "clusters must be a list")]
    [InlineData("clusters: [1]", "clusters[0] must have a name and a cluster")]
    [InlineData("clusters: [{name: a}, {name: a}]", "clusters[1]: the name \"a\" occurs twice")]
    [InlineData("users: [{name: a, user: {token: 1}}]", "users[0].user.token must be a string")]
    [InlineData("users: [{name: a, user: {client-key-data: '*'}}]", "users[0].user.client-key-data is not base64")]
    [InlineData("clusters: [{name: a, cluster: {insecure-skip-tls-verify: x}}]", "clusters[0].cluster.insecure-skip-tls-verify must be true or false")]
    [InlineData("[]", "a kubeconfig is one YAML document with fields")]
    [InlineData("a: [", "yaml: ")]
    public void A_malformed_file_is_explained(string text, string message)
    {
        Assert.False(Kubeconfig.TryParse(text, "", out _, out var error));
        Assert.StartsWith(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_contexts_a_single_cluster_is_taken()
    {
        Assert.True(Parse("clusters: [{name: a, cluster: {server: s}}]", "").TryResolve(null, out var target, out _));
        Assert.Equal(("a", "default"), (target.Cluster.Name, target.Namespace));
        Assert.Null(target.User);
        Assert.False(Parse("", "").TryResolve(null, out _, out var error));
        Assert.Contains("no context", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_several_files_the_first_to_name_something_wins()
    {
        var all = KubeconfigMerging.Combine(
        [
            Parse("clusters: [{name: a, cluster: {server: first}}]\ncurrent-context: ''", "/x"),
            Parse("clusters: [{name: a, cluster: {server: second}}, {name: b, cluster: {certificate-authority: ca}}]\ncurrent-context: k", "/y"),
            Parse("current-context: l", "/z"),
        ]);
        Assert.Equal(["first", ""], all.Clusters.Select(c => c.Server));
        Assert.Equal("/y/ca", all.Clusters[1].CertificateAuthority);
        Assert.Equal("k", all.CurrentContext);
    }

    [Fact]
    public void Merging_keeps_what_is_there_and_renames_only_what_differs()
    {
        var addition = Kubeconfig.Create(
            new() { Name = "c", Server = "https://new" },
            new() { Name = "u", Token = "t" },
            new() { Name = "one", Cluster = "c", User = "u" });
        var merge = KubeconfigMerging.Merge(Parse(Text, "/etc/kube"), addition, useContext: false);
        Assert.Equal(("one-2", "one"), (merge.Context, merge.Config.CurrentContext));
        Assert.Equal(["clusters c c-2", "users u u-2", "contexts one one-2"], merge.Renamed.Select(r => $"{r.List} {r.From} {r.To}"));
        Assert.True(merge.Config.TryResolve("one-2", out var target, out _));
        Assert.Equal(("https://new", "t"), (target.Cluster.Server, target.User!.Token));
        Assert.Contains("future:\n  kept: true", merge.Config.ToYaml(), StringComparison.Ordinal);
        Assert.Contains("certificate-authority: ca.crt", merge.Config.ToYaml(), StringComparison.Ordinal);

        var again = KubeconfigMerging.Merge(merge.Config, addition, useContext: true);
        Assert.Equal("one-2", again.Config.CurrentContext);
        Assert.Equal(merge.Config.Clusters.Count, again.Config.Clusters.Count);
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var config = Kubeconfig.Create(
            new() { Name = "c", Server = "https://a", CertificateAuthorityData = [1, 2], TlsServerName = "n", InsecureSkipTlsVerify = true },
            new()
            {
                Name = "u",
                ClientCertificateData = [3],
                ClientKeyData = [4],
                Exec = new() { Command = "x", Arguments = ["y"], Environment = [new("A", "b")], ApiVersion = "v", InstallHint = "h" },
            },
            new() { Name = "k", Cluster = "c", User = "u", Namespace = "ns" });
        var back = Parse(config.ToYaml(), "");
        Assert.Equal(config.ToYaml(), back.ToYaml());
        Assert.Equal([1, 2], back.Clusters[0].CertificateAuthorityData.ToArray());
        Assert.Equal("b", back.Users[0].Exec!.Environment[0].Value);
        Assert.Equal("k", back.CurrentContext);
    }

    private static Kubeconfig Parse(string text, string directory) =>
        Kubeconfig.TryParse(text, directory, out var config, out var error) ? config : throw new InvalidOperationException(error);
}
