// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Api.Kubeconfigs;
using Sealock.Hosting;
using Sealock.Pki.Certificates;
using Sealock.Settings;
using Sealock.Tests.Support;

namespace Sealock.Tests.Hosting;

public sealed class ServingCertificatesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sealock-").FullName;
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task What_a_running_server_made_for_itself_is_renewed_before_it_expires()
    {
        File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using var serving = new ServingCertificates(
            new ServerSettings { DataDirectory = _folder, Listen = [new IPEndPoint(IPAddress.Loopback, 6443)] }, _time, NullLogger.Instance);
        serving.KeepAdminAccess("https://127.0.0.1:6443");
        var (server, admin) = (Server(serving), Admin(serving));

        for (var day = 0; day < 300; day++)
            _time.Advance(TimeSpan.FromDays(1));

        Assert.True(Server(serving).NotAfter > server.NotAfter, "the serving certificate is renewed");
        Assert.True(Admin(serving).NotAfter > admin.NotAfter, "the administrator's certificate is renewed");
    }

    [Fact]
    public async Task After_set_up_the_host_name_is_served_and_a_move_takes_the_old_one_out_and_the_administrator_along()
    {
        File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var settings = new ServerSettings { DataDirectory = _folder, Listen = [new IPEndPoint(IPAddress.Loopback, 6443)], HostNames = ["given.example"] };
        await using (var serving = new ServingCertificates(settings, _time, NullLogger.Instance))
        {
            serving.KeepAdminAccess("https://127.0.0.1:6443");
            serving.Serve(["given.example"], null);
            Assert.Equal("https://127.0.0.1:6443", AdminUrl(serving));
            serving.Serve(["old.example", "given.example"], "old.example");
            Assert.Contains("old.example", Server(serving).Names.DnsNames);
            Assert.Equal("https://old.example:6443", AdminUrl(serving));
            Assert.Equal("https://127.0.0.1:6443", AdminUrl(serving, AdminAccess.LocalContext));
            serving.Serve(["new.example", "old.example", "given.example"], "new.example");
            Assert.Equal("https://new.example:6443", AdminUrl(serving));
        }

        // Until what is stored is known again, a start leaves the certificate as it is.
        await using var next = new ServingCertificates(settings, _time, NullLogger.Instance);
        Assert.Contains("old.example", Server(next).Names.DnsNames);
        next.Serve(["new.example", "given.example"], "new.example");
        Assert.DoesNotContain("old.example", Server(next).Names.DnsNames);
        Assert.Contains("given.example", Server(next).Names.DnsNames);
        using var made = next.OnTheFly!("other.example", null);
        Assert.Equal("other.example", made.Certificate.Names.ToString().Replace("DNS:", "", StringComparison.Ordinal));
        Assert.Null(made.Certificate.RefuseSignature(next.Authority!.Certificate.PublicKey));
        Assert.InRange(made.Certificate.NotAfter - _time.GetUtcNow(), TimeSpan.FromDays(6), TimeSpan.FromDays(7));
    }

    [Fact]
    public async Task A_ca_that_expires_is_told_and_ends_no_running_server()
    {
        File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var settings = new ServerSettings { DataDirectory = _folder, Listen = [new IPEndPoint(IPAddress.Loopback, 6443)] };
        await using (new ServingCertificates(settings, _time, NullLogger.Instance))
        {
        }

        var late = new FakeTimeProvider(_time.GetUtcNow() + ClusterCertificates.CaLifetime - TimeSpan.FromDays(1));
        await using (var serving = new ServingCertificates(settings, late, NullLogger.Instance))
        {
            serving.KeepAdminAccess("https://127.0.0.1:6443");
            late.Advance(TimeSpan.FromDays(2));
        }

        var refusal = Assert.Throws<CommandException>(() => new ServingCertificates(settings, late, NullLogger.Instance));
        Assert.Contains("the CA certificate has expired", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Put a valid CA into ", refusal.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Certificate Server(ServingCertificates serving) =>
        Certificate.FromPem(File.ReadAllText(serving.Folder.ServingCertificate));

    private static string? AdminUrl(ServingCertificates serving, string? context = null) =>
        KubeconfigFiles.Read(serving.Folder.AdminKubeconfig).TryResolve(context, out var target, out _) ? target.Cluster.Server : null;

    private static Certificate Admin(ServingCertificates serving) =>
        KubeconfigFiles.Read(serving.Folder.AdminKubeconfig).TryResolve(null, out var target, out _) && target.User is { } user
            ? Certificate.FromPem(Encoding.ASCII.GetString(user.ClientCertificateData.AsSpan()))
            : throw new InvalidOperationException("the kubeconfig names no user");
}
