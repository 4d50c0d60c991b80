// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Api.Kubeconfigs;
using Sealock.Cluster.Surveying;

namespace Sealock.Tests.Cluster.Surveying;

/// <summary>Taking the long texts out of a kubeconfig before it is parsed changes nothing.</summary>
public sealed class EmbeddedDataTests
{
    private static readonly string Long = Convert.ToBase64String(Enumerable.Range(0, 300).Select(i => (byte)i).ToArray());

    [Theory]
    [InlineData("    certificate-authority-data: {0}\n", "      client-certificate-data: {0}\n    client-key-data: c2hvcnQ=\n")]
    [InlineData("    certificate-authority-data: \"{0}\"\n", "    client-key-data: {0}\r\n")]
    [InlineData("", "    client-certificate-data: c2hvcnQ=\n")]
    [InlineData("    certificate-authority-data: c2VhbG9jazplbWJlZGRlZDow\n", "    client-key-data: {0}\n")]
    public void A_kubeconfig_means_the_same(string cluster, string user)
    {
        var text = "apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster:\n    server: https://a:6443\n" + cluster.Replace("{0}", Long, StringComparison.Ordinal)
            + "users:\n- name: u\n  user:\n" + user.Replace("      ", "    ", StringComparison.Ordinal).Replace("{0}", Long, StringComparison.Ordinal)
            + "contexts:\n- name: x\n  context:\n    cluster: c\n    user: u\ncurrent-context: x\n";
        var (shortened, data) = EmbeddedData.TakeOut(text);
        var expected = Resolve(text);
        var actual = data.PutBack(Resolve(shortened));
        if (cluster.Contains("c2Vh", StringComparison.Ordinal))
            Assert.Equal("sealock:embedded:0", Encoding.ASCII.GetString(expected.Cluster.CertificateAuthorityData.AsSpan()));
        else
            Assert.True(expected.Cluster.CertificateAuthorityData.AsSpan().SequenceEqual(actual.Cluster.CertificateAuthorityData.AsSpan()));
        Assert.True(expected.User!.ClientCertificateData.AsSpan().SequenceEqual(actual.User!.ClientCertificateData.AsSpan()));
        Assert.True(expected.User.ClientKeyData.AsSpan().SequenceEqual(actual.User.ClientKeyData.AsSpan()));
    }

    private static KubeconfigTarget Resolve(string text)
    {
        Assert.True(Kubeconfig.TryParse(text, "/", out var config, out var error), error);
        Assert.True(config.TryResolve(null, out var target, out error), error);
        return target;
    }
}
