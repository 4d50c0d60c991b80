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

    private static Certificate Admin(ServingCertificates serving) =>
        KubeconfigFiles.Read(serving.Folder.AdminKubeconfig).TryResolve(null, out var target, out _) && target.User is { } user
            ? Certificate.FromPem(Encoding.ASCII.GetString(user.ClientCertificateData.AsSpan()))
            : throw new InvalidOperationException("the kubeconfig names no user");
}
