// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Sealock.Tests.Gateway;

public class FrontDoorTests
{
    private const string PlainHttpAnswer =
        "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n", PlainHttpAnswer)]
    [InlineData("POST /api HTTP/1.1\r\nHost: x\r\n\r\n", PlainHttpAnswer)]
    [InlineData("DELETE /api HTTP/1.1\r\nHost: x\r\n\r\n", PlainHttpAnswer)]
    [InlineData("GET /", PlainHttpAnswer)]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", "")]
    public async Task Whoever_does_not_speak_tls_gets_one_line_or_nothing(string sent, string answer)
    {
        await using var rig = await GatewayRig.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(rig.Endpoint);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(sent));
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        Assert.Equal(answer, await reader.ReadToEndAsync());
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_request_without_credentials_is_anonymous_and_meets_the_authorizer(string version)
    {
        await using var rig = await GatewayRig.StartAsync();
        using var client = rig.Client(version: new Version(version));
        using var response = await client.GetAsync("/api/v1/namespaces/default/pods");
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains(
            "pods is forbidden: User \\\"system:anonymous\\\" cannot list resource \\\"pods\\\" " +
            "in API group \\\"\\\" in the namespace \\\"default\\\"",
            await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("ok", await client.GetStringAsync("/healthz"));
    }

    [Theory]
    [InlineData("/healthz", "200 OK")]
    [InlineData("https://localhost/healthz?verbose=", "200 OK")]
    [InlineData("https://localhost/%2568ealthz", "403 Forbidden")]
    [InlineData("/%68ealthz", "200 OK")]
    [InlineData("/api/%2e%2e/healthz", "400 Bad Request")]
    [InlineData("/a%2fb", "400 Bad Request")]
    [InlineData("/healthz/", "403 Forbidden")]
    public async Task A_path_is_decoded_once_and_refused_where_it_is_ambiguous(string target, string status)
    {
        await using var rig = await GatewayRig.StartAsync();
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(rig.Endpoint);
        await using var tls = new SslStream(tcp.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("localhost");
        await tls.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(tls, Encoding.ASCII);
        Assert.StartsWith("HTTP/1.1 " + status, await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nobody_may_be_anonymous_a_request_without_credentials_is_401()
    {
        await using var rig = await GatewayRig.StartAsync(options => options with { AllowAnonymous = false });
        using var client = rig.Client();
        using var response = await client.GetAsync("/version");
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Theory]
    [InlineData("GET", "websocket")]
    [InlineData("POST", "SPDY/3.1")]
    public async Task A_request_to_upgrade_does_not_wait_for_a_body(string method, string protocol)
    {
        await using var rig = await GatewayRig.StartAsync(
            options => options with { Authorizer = new Everyone() });
        using var client = rig.Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), "/api/v1/namespaces/a/pods/b/exec");
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.ParseAdd(protocol);
        using var response = await client.SendAsync(request);
        Assert.EndsWith("|0", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_certificate_of_the_ca_names_user_and_groups()
    {
        await using var rig = await GatewayRig.StartAsync();
        using var certificate = rig.Authority.Issue("CN=jane, O=devs, O=system:masters");
        using var client = rig.Client(certificate);
        var answer = await client.GetStringAsync("/api/v1/pods");
        Assert.StartsWith("jane|", answer, StringComparison.Ordinal);
        var groups = answer.Split('|')[1].Split(',').Order(StringComparer.Ordinal);
        Assert.Equal(["devs", "system:authenticated", "system:masters"], groups);
    }

    [Fact]
    public async Task A_token_of_the_file_names_user_and_groups_and_another_is_401()
    {
        await using var rig = await GatewayRig.StartAsync(tokens: "s3cret,ann,7,\"system:masters,ops\"\n");
        using var client = rig.Client();
        client.DefaultRequestHeaders.Authorization = new("bearer", "s3cret");
        Assert.Equal("ann|system:masters,ops,system:authenticated|list|0", await client.GetStringAsync("/api/v1/pods"));
        client.DefaultRequestHeaders.Authorization = new("Bearer", "s3cret2");
        using var refused = await client.GetAsync("/version");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal(
            """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",""" +
                "\"message\":\"Unauthorized\",\"reason\":\"Unauthorized\",\"code\":401}",
            await refused.Content.ReadAsStringAsync());
    }
}
