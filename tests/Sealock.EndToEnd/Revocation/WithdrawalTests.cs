// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Sealock.EndToEnd.FrontDoor;

namespace Sealock.EndToEnd.Revocation;

/// <summary>
/// Whatever somebody comes in with, and however it is taken away: the next request is refused, over a connection that is kept, on a
/// stream beside others and in a session that is resumed, and what kubectl watches ends within a second.
/// </summary>
[Collection(Alone.Name)]
public sealed class WithdrawalTests(WithdrawalServer fixture) : IClassFixture<WithdrawalServer>
{
    private const int Streams = 5;

    /// <summary>What is taken away; how it is made for the user <c>$1</c>; how it is taken away.</summary>
    public static TheoryData<string, string, string> Cases() => new()
    {
        { "certificate-by-file", "certificate", "sealock revoke $1.crt --kubeconfig data/admin.conf --reason keyCompromise" },
        { "certificate-by-number", "certificate", "sealock revoke --serial $(openssl x509 -in $1.crt -noout -serial | cut -d= -f2) --kubeconfig data/admin.conf" },
        { "certificate-by-key", "certificate", "lock \"publicKeySha256: '$(openssl x509 -in $1.crt -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1)'\"" },
        { "certificate-by-subject", "certificate", "lock 'user: '$1" },
        { "account-token-by-id", "account_token", "lock \"credential: '$(credential $1)'\"" },
        { "account-token-by-user", "account_token", "lock 'user: system:serviceaccount:default:'$1" },
        { "account-token-by-account", "account_token", "admin delete serviceaccount $1" },
        { "file-token-by-line", "file_token", "sed -i /^$1-token/d tokens.csv" },
        { "file-token-by-user", "file_token", "lock 'user: '$1" },
        { "login-token-by-id", "login_token", "lock \"credential: '$(credential $1)'\"" },
        { "login-token-by-user", "login_token", "lock 'user: '$1" },
        { "login-token-by-object", "login_token", "admin delete logintokens --all" },
    };

    [PeerTheory("kubectl", "openssl", "curl")]
    [MemberData(nameof(Cases))]
    public async Task What_is_taken_away_is_refused_at_once_everywhere(string name, string credential, string withdraw)
    {
        var server = fixture.Server;
        (await server.ShellAsync($"{Prelude}\n{credential} {name}\nkubeconfig {name}")).Succeeded();
        using var client = new Http2Client(server, name);
        var own = new List<Watch>();
        var others = new List<Watch>();
        for (var i = 0; i < Streams; i++)
        {
            own.Add(await client.WatchAsync(client.Token));
            // Whoever presents a certificate is that user on all streams of the connection.
            if (client.Token is not null)
                others.Add(await client.WatchAsync(WithdrawalServer.Administrator));
        }

        Assert.Equal(HttpStatusCode.OK, await client.CodeAsync(client.Token));
        var output = (await server.ShellAsync(
            $$"""
            {{Prelude}}
            take_away() { {{withdraw}}; }
            set -- {{name}}
            mkfifo $1.in; converse $1 -quiet <$1.in >$1.out 2>/dev/null & exec 3>$1.in
            request $1 >&3; until_true grep -aq 'HTTP/1.1 200' $1.out
            request $1 'Connection: close' | converse $1 -sess_out $1.session -ign_eof 2>/dev/null | grep -ao '^New, TLSv1.3\|HTTP/1.1 [0-9]*'
            kubectl --kubeconfig $1.conf get namespaces -w --output-watch-events >$1.watch 2>$1.err & watch=$!
            until_true grep -q default $1.watch
            take_away $1 >/dev/null; taken=$(date +%s%3N)
            wait $watch || true; ended=$(date +%s%3N)
            request $1 >&3; until_true grep -aq 'HTTP/1.1 401' $1.out; grep -ao 'HTTP/1.1 [0-9]*' $1.out; exec 3>&-
            request $1 'Connection: close' | converse $1 -sess_in $1.session -ign_eof 2>/dev/null | grep -ao '^Reused, TLSv1.3\|HTTP/1.1 [0-9]*'
            for version in 1.1 2; do curl -sS --cacert data/pki/ca.crt $(cat $1.curl) -H @$1.header --http$version -o /dev/null -w 'HTTP/%{http_version} %{http_code}\n' https://127.0.0.1:$PORT/api/v1/namespaces; done
            kubectl --kubeconfig $1.conf get namespaces 2>&1 | grep -o Unauthorized | head -1
            echo $((ended - taken))
            """)).Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            [
                "New, TLSv1.3", "HTTP/1.1 200", "HTTP/1.1 200", "HTTP/1.1 401", "Reused, TLSv1.3", "HTTP/1.1 401",
                "HTTP/1.1 401", "HTTP/2 401", "Unauthorized",
            ],
            output[..^1]);
        // A line that is taken out of the file is seen a moment after the file is written.
        Assert.InRange(int.Parse(output[^1], CultureInfo.InvariantCulture), 0, 1000);

        foreach (var watch in own)
            await watch.Ended.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(HttpStatusCode.Unauthorized, await client.CodeAsync(client.Token));
        if (client.Token is not null)
        {
            (await server.ShellAsync($"{Prelude}\nadmin create namespace after-{name}")).Succeeded();
            foreach (var watch in others)
                await watch.SeesAsync($"after-{name}");
        }

        Assert.Equal(1, client.Connections);
    }

    private const string Prelude =
        """
        admin() { kubectl --kubeconfig data/admin.conf --context local "$@"; }
        lock() { admin create -f - <<< "{apiVersion: sealock.dev/v1, kind: AccessRevocation, metadata: {generateName: lock-}, spec: {$1} }"; }
        certificate() {
          sealock csr create $1 --group kubeadm:cluster-admins --approve --kubeconfig data/admin.conf --out $1.kube >/dev/null
          kubectl config view --raw --kubeconfig $1.kube -o jsonpath='{.users[0].user.client-certificate-data}' | base64 -d >$1.crt
          kubectl config view --raw --kubeconfig $1.kube -o jsonpath='{.users[0].user.client-key-data}' | base64 -d >$1.key
          echo "-cert $1.crt -key $1.key" >$1.tls; echo "--cert $1.crt --key $1.key" >$1.curl; : >$1.header; : >$1.token
        }
        with_token() { printf %s "$2" >$1.token; echo "Authorization: Bearer $2" >$1.header; : >$1.tls; : >$1.curl; }
        account_token() {
          admin create serviceaccount $1 >/dev/null; admin create clusterrolebinding $1 --clusterrole=cluster-admin --serviceaccount=default:$1 >/dev/null
          with_token $1 $(admin create token $1)
        }
        file_token() { echo "$1-token,$1,u-$1,kubeadm:cluster-admins" >>tokens.csv; with_token $1 $1-token; until_true ask localhost /version -f -H @$1.header; }
        login_token() {
          sealock user create $1 --group kubeadm:cluster-admins --password-file password --data data >/dev/null
          sealock login --server https://127.0.0.1:$PORT --ca-sha256 $SHA --username $1 --password-file password --out $1.kube >/dev/null
          with_token $1 $(sealock token --server https://127.0.0.1:$PORT --username $1 | sed 's/.*"token":"\([^"]*\)".*/\1/')
        }
        kubeconfig() {
          export KUBECONFIG=$1.conf
          kubectl config set-cluster c --server https://127.0.0.1:$PORT --certificate-authority data/pki/ca.crt >/dev/null
          if [ -s $1.token ]; then kubectl config set-credentials u --token "$(cat $1.token)" >/dev/null
          else kubectl config set-credentials u --client-certificate $1.crt --client-key $1.key >/dev/null; fi
          kubectl config set-context c --cluster c --user u >/dev/null; kubectl config use-context c >/dev/null
        }
        credential() { kubectl --kubeconfig $1.conf auth whoami -o jsonpath='{.status.userInfo.extra.authentication\.kubernetes\.io/credential-id[0]}'; }
        converse() { name=$1; shift; openssl s_client -connect 127.0.0.1:$PORT -CAfile data/pki/ca.crt $(cat $name.tls) "$@"; }
        request() { { printf 'GET /api/v1/namespaces HTTP/1.1\nHost: localhost\n'; cat $1.header; [ -z "${2:-}" ] || echo "$2"; echo; } | sed 's/$/\r/'; }
        """;

    /// <summary>A client of one HTTP/2 connection.</summary>
    private sealed class Http2Client : IDisposable
    {
        private readonly HttpClient _http;
        private int _connections;

        public Http2Client(FrontDoorServer server, string name)
        {
            using var ca = X509CertificateLoader.LoadCertificateFromFile(server["data/pki/ca.crt"]);
            var token = File.ReadAllText(server[name + ".token"]);
            Token = token.Length > 0 ? token : null;
            var certificate = Token is null ? X509Certificate2.CreateFromPemFile(server[name + ".crt"], server[name + ".key"]) : null;
            _http = new HttpClient(new SocketsHttpHandler
            {
                UseProxy = false,
                EnableMultipleHttp2Connections = false,
                ConnectCallback = async (context, cancellationToken) =>
                {
                    Interlocked.Increment(ref _connections);
                    var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                    await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                },
                SslOptions = new SslClientAuthenticationOptions
                {
                    LocalCertificateSelectionCallback = certificate is null ? null : (_, _, _, _, _) => certificate,
                    CertificateChainPolicy = new X509ChainPolicy
                    {
                        TrustMode = X509ChainTrustMode.CustomRootTrust,
                        RevocationMode = X509RevocationMode.NoCheck,
                        CustomTrustStore = { X509CertificateLoader.LoadCertificate(ca.RawData) },
                    },
                },
            })
            {
                BaseAddress = new Uri(server.Process.Url),
                Timeout = Timeout.InfiniteTimeSpan,
            };
        }

        /// <summary>The token to come with; null: the connection has a certificate.</summary>
        public string? Token { get; }

        public int Connections => Volatile.Read(ref _connections);

        public async Task<HttpStatusCode> CodeAsync(string? token)
        {
            using var answer = await SendAsync("/api/v1/namespaces", token);
            return answer.StatusCode;
        }

        public async Task<Watch> WatchAsync(string? token)
        {
            var answer = await SendAsync("/api/v1/namespaces?watch=1", token);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return new Watch(answer);
        }

        public void Dispose() => _http.Dispose();

        private Task<HttpResponseMessage> SendAsync(string path, string? token)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            if (token is not null)
                request.Headers.Authorization = new("Bearer", token);
            return _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        }
    }

    /// <summary>A stream of events that is read as it comes.</summary>
    private sealed class Watch
    {
        private readonly SemaphoreSlim _news = new(0);
        private readonly HashSet<string> _names = [];

        public Watch(HttpResponseMessage answer) => Ended = ReadAsync(answer);

        public Task Ended { get; }

        public async Task SeesAsync(string name)
        {
            while (true)
            {
                lock (_names)
                {
                    if (_names.Contains(name))
                        return;
                }

                Assert.True(await _news.WaitAsync(TimeSpan.FromSeconds(20)), $"{name} was not seen");
            }
        }

        private async Task ReadAsync(HttpResponseMessage answer)
        {
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
            while (await reader.ReadLineAsync() is { } line)
            {
                lock (_names)
                    _names.Add(JsonNode.Parse(line)!["object"].Name());
                _news.Release();
            }
        }
    }
}

/// <summary>A server that has been set up, with a file of tokens.</summary>
public sealed class WithdrawalServer : IAsyncLifetime
{
    /// <summary>A token that nobody takes away.</summary>
    public const string Administrator = "r00t-t0ken";

    internal FrontDoorServer Server { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await FrontDoorServer.StartAsync(
            server => File.WriteAllTextAsync(server["tokens.csv"], $"{Administrator},root,1,\"system:masters\"\n"),
            "server", "--token-auth-file=FOLDER/tokens.csv");
        await Server.SetUpAsync("localhost");
    }

    public async Task DisposeAsync() => await Server.DisposeAsync();
}
