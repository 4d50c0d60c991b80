// SPDX-License-Identifier: Apache-2.0
using Sealock.Hosting;

namespace Sealock.Tests.Hosting;

public sealed class PodAccountTests : IDisposable
{
    private readonly string _mount = Directory.CreateTempSubdirectory("sealock-pod-").FullName;

    public void Dispose() => Directory.Delete(_mount, recursive: true);

    [Theory]
    [InlineData("10.96.0.1", "https://10.96.0.1:443")]
    [InlineData("fd00::1", "https://[fd00::1]:443")]
    public void A_pod_speaks_as_its_service_account(string host, string server)
    {
        File.WriteAllText(Path.Combine(_mount, "token"), "t");
        File.WriteAllText(Path.Combine(_mount, "ca.crt"), "c");
        var config = PodAccount.Kubeconfig(host, "443", _mount);
        Assert.True(config!.TryResolve(null, out var target, out _));
        Assert.Equal(server, target.Cluster.Server);
        Assert.Equal(Path.Combine(_mount, "ca.crt"), target.Cluster.CertificateAuthority);
        Assert.Equal(Path.Combine(_mount, "token"), target.User!.TokenFile);
    }

    [Fact]
    public void A_pod_knows_its_namespace_where_it_is_mounted()
    {
        Assert.Null(PodAccount.Namespace(_mount));
        File.WriteAllText(Path.Combine(_mount, "namespace"), "sealock-system\n");
        Assert.Equal("sealock-system", PodAccount.Namespace(_mount));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("10.96.0.1", false)]
    public void Elsewhere_there_is_no_such_account(string host, bool mounted)
    {
        if (mounted)
        {
            File.WriteAllText(Path.Combine(_mount, "token"), "t");
            File.WriteAllText(Path.Combine(_mount, "ca.crt"), "c");
        }

        Assert.Null(PodAccount.Kubeconfig(host, "443", _mount));
    }
}
