// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Sealock.EndToEnd.FrontDoor;

/// <summary>How soon a login is over, and everywhere, once it is taken away.</summary>
[Collection(Alone.Name)]
public sealed class LoginEndTests : LoggingIn
{
    [PeerTheory("kubectl", "openssl")]
    [InlineData("admin delete logintokens --all")]
    [InlineData("sealock user disable jane --data data")]
    [InlineData("sealock user delete jane --data data")]
    [InlineData("admin create -f - <<< '{\"apiVersion\":\"sealock.dev/v1\",\"kind\":\"AccessRevocation\",\"metadata\":{\"name\":\"jane\"},\"spec\":{\"user\":\"jane\"}}'")]
    public async Task A_running_watch_ends_within_a_second_and_open_connections_are_refused(string revoke)
    {
        await using var server = await SetUpAsync();
        (await server.ShellAsync(Prelude +
            """
            sealock user create jane --group kubeadm:cluster-admins --password-file password --data data >/dev/null
            login jane
            openssl s_client -connect 127.0.0.1:$PORT -sess_out session -ign_eof >/dev/null 2>&1 <<< $'GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r' || true
            """)).Succeeded();
        var token = (await server.ShellAsync(
            """sealock token --server https://127.0.0.1:$PORT --username jane | sed 's/.*"token":"\([^"]*\)".*/\1/'""")).Succeeded().Trim();
        using var ca = X509CertificateLoader.LoadCertificateFromFile(server["data/pki/ca.crt"]);
        using var first = Client(server, ca, token, HttpVersion.Version11);
        using var second = Client(server, ca, token, HttpVersion.Version20);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(first));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(second));
        using var stream = await second.GetAsync("/api/v1/namespaces?watch=1", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync());
        var ended = reader.ReadToEndAsync();

        // The shell tells when kubectl's watch began, when the right was taken away, and when the watch was over.
        var output = (await server.ShellAsync(Prelude +
            $$"""
            kubectl --kubeconfig jane.conf get namespaces -w --output-watch-events > watch.out 2>watch.err & watch=$!
            until_true grep -q default watch.out
            {{revoke}} >/dev/null; taken=$(date +%s%3N)
            wait $watch || true
            echo $(($(date +%s%3N) - taken))
            """)).Succeeded();
        Assert.InRange(int.Parse(output.Trim(), System.Globalization.CultureInfo.InvariantCulture), -1000, 1000);
        await ended.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(first));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(second));
        Assert.Equal("Reused, TLSv1.3\nHTTP/1.1 401 Unauthorized\n", (await server.ShellAsync(
            $$"""
            openssl s_client -connect 127.0.0.1:$PORT -sess_in session -ign_eof 2>/dev/null <<< $'GET /api/v1/namespaces HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {{token}}\r\nConnection: close\r\n\r' \
              | tr -d '\r' | grep -oE '^(Reused, TLSv1.3|HTTP/1.1 401 Unauthorized)'
            """)).Succeeded());
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/api/v1/namespaces");
        return answer.StatusCode;
    }

    private static HttpClient Client(FrontDoorServer server, X509Certificate2 ca, string token, Version version)
    {
        var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                    CustomTrustStore = { ca },
                },
            },
        })
        {
            BaseAddress = new Uri(server.Process.Url),
            DefaultRequestVersion = version,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }
}
