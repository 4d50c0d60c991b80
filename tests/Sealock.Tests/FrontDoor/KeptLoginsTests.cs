// SPDX-License-Identifier: Apache-2.0
using Sealock.Commands.FrontDoor;
using Sealock.Hosting;
using Sealock.Hosting.FrontDoor;

namespace Sealock.Tests.FrontDoor;

public sealed class KeptLoginsTests : IDisposable
{
    private const string Server = "https://k8s.example.com:6443";
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Path.Combine(Directory.CreateTempSubdirectory("sealock-logins-").FullName, "state", "logins");
    private readonly KeptLogins _logins;

    public KeptLoginsTests() => _logins = new KeptLogins(_folder);

    [Fact]
    public void A_login_is_found_by_server_and_user_until_it_ends_and_only_its_owner_can_read_it()
    {
        var login = new KeptLogin(Server, "jane", "sealock_x", Now.AddHours(1)) { CaPem = "ca" };
        _logins.Write(login);
        Assert.Equal(login, _logins.Require(Server, "jane", Now));
        Assert.Equal((Server, "jane"), Assert.Single(_logins.List()));
        Assert.Null(_logins.Find(Server, "tom"));
        Assert.Contains("sealock login --server https://k8s.example.com:6443 --username jane", Assert.Throws<CommandException>(
            () => _logins.Require(Server, "jane", Now.AddHours(2))).Message, StringComparison.Ordinal);
        var file = Assert.Single(Directory.EnumerateFiles(_folder));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder));
        Assert.DoesNotContain("sealock_x", login.ToString(), StringComparison.Ordinal);
        _logins.Delete(Server, "jane");
        Assert.Empty(_logins.List());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"token": 1, "expirationTimestamp": "2026-03-01T12:00:00Z"}""")]
    [InlineData("""{"token": "x", "expirationTimestamp": "soon"}""")]
    public void What_cannot_be_read_is_no_login(string text)
    {
        _logins.Write(new KeptLogin(Server, "jane", "sealock_x", Now.AddHours(1)));
        File.WriteAllText(Assert.Single(Directory.EnumerateFiles(_folder)), text);
        Assert.Null(_logins.Find(Server, "jane"));
        Assert.Empty(_logins.List());
    }

    [Fact]
    public void A_kubeconfigs_plugin_leads_back_to_its_login()
    {
        Assert.Equal((Server, "jane"), KeptLogins.Read(KeptLogins.Exec("/usr/bin/sealock", Server, "jane")));
        Assert.Null(KeptLogins.Read(KeptLogins.Exec("/usr/bin/other", Server, "jane")));
        Assert.Null(KeptLogins.Read(KeptLogins.Exec("sealock", Server, "jane") with { Arguments = ["version"] }));
    }

    [Theory]
    [InlineData(null, "client.authentication.k8s.io/v1")]
    [InlineData("""{"apiVersion":"client.authentication.k8s.io/v1beta1"}""", "client.authentication.k8s.io/v1beta1")]
    [InlineData("""{"apiVersion":"example.com/v1"}""", "client.authentication.k8s.io/v1")]
    [InlineData("""{"apiVersion":1}""", "client.authentication.k8s.io/v1")]
    [InlineData("x", "client.authentication.k8s.io/v1")]
    public void A_token_is_handed_over_in_the_callers_version(string? request, string version) =>
        Assert.Equal(version, TokenCommand.Version(request));

    [Theory]
    [InlineData(null, "https://127.0.0.1:6443")]
    [InlineData("k8s.example.com", "https://k8s.example.com:6443")]
    [InlineData("192.0.2.7", "https://192.0.2.7:6443")]
    [InlineData("fd00::1", "https://[fd00::1]:6443")]
    public void The_administrator_comes_by_the_host_name_once_there_is_one(string? hostname, string url) =>
        Assert.Equal(url, new AdminUrls("https://127.0.0.1:6443", hostname).Url);

    public void Dispose() => Directory.Delete(Path.GetFullPath(Path.Combine(_folder, "..", "..")), recursive: true);
}
