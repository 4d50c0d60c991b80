// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Api.Security;
using Sealock.Api.Serving;
using Sealock.Gateway;
using Sealock.Gateway.Authentication;
using Sealock.Gateway.Listener;

namespace Sealock.Tests.Gateway;

/// <summary>A gateway on a free port with its own CA, in a directory of its own.</summary>
internal sealed class GatewayRig : IAsyncDisposable
{
    private GatewayRig(TestAuthority authority, string directory, GatewayServer server)
    {
        Authority = authority;
        Directory = directory;
        Server = server;
    }

    public TestAuthority Authority { get; }

    public string Directory { get; }

    public GatewayServer Server { get; }

    public IPEndPoint Endpoint => Server.Endpoints[0];

    public string CaFile => Path.Combine(Directory, "ca.crt");

    /// <summary>Starts one; <paramref name="change"/> adapts the options before.</summary>
    public static async Task<GatewayRig> StartAsync(
        Func<GatewayOptions, GatewayOptions>? change = null, string? tokens = null, TimeProvider? clock = null)
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("sealock-gateway-").FullName;
        var authority = new TestAuthority("test-ca");
        string Write(string name, string text)
        {
            var path = Path.Combine(directory, name);
            File.WriteAllText(path, text);
            return path;
        }

        using var serving = authority.Issue("CN=localhost", TestAuthority.Usage.Server);
        var ca = Write("ca.crt", authority.Pem);
        var options = new GatewayOptions
        {
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            Serving = new ServingFiles
            {
                CertificateFile = Write("tls.crt", serving.ExportCertificatePem()),
                KeyFile = Write("tls.key", serving.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()),
                ClientCaFile = ca,
                ServingCaFile = ca,
            },
            Tokens = tokens is null ? new TokenChain() : new TokenFileAuthenticator(
                Write("tokens.csv", tokens), ["api"], clock ?? TimeProvider.System, NullLogger.Instance),
            Authorizer = new MastersOnly(),
            Api = Echo,
            Clock = clock ?? TimeProvider.System,
        };
        var server = new GatewayServer(change is null ? options : change(options));
        await server.StartAsync(CancellationToken.None);
        return new GatewayRig(authority, directory, server);
    }

    /// <summary>Answers who asks for what.</summary>
    public static ValueTask<ApiResponse> Echo(ApiRequest request, CancellationToken cancellationToken) =>
        ValueTask.FromResult<ApiResponse>(new BytesResponse(System.Text.Encoding.UTF8.GetBytes(
            $"{request.User.Name}|{string.Join(',', request.User.Groups)}|{request.Info.Verb}|{request.Body.Length}")));

    /// <summary>A client that trusts the rig's CA; its connections are its own.</summary>
    public HttpClient Client(X509Certificate2? certificate = null, Version? version = null, string? token = null)
    {
        var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                    CustomTrustStore = { Authority.Certificate },
                },
                ClientCertificates = certificate is null ? null : [certificate],
                LocalCertificateSelectionCallback = certificate is null ? null : (_, _, _, _, _) => certificate,
            },
        };
        var client = new HttpClient(handler)
        {
            BaseAddress = new Uri($"https://localhost:{Endpoint.Port}"),
            DefaultRequestVersion = version ?? HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }

    /// <summary>
    /// A connection that stays open until it is disposed of: .NET forgets the sessions of a certificate that no connection uses
    /// when it comes to know many others, as other tests' are.
    /// </summary>
    public async Task<IDisposable> KeepSessionsAsync()
    {
        var client = Client();
        await client.GetStringAsync("/healthz");
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Authority.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}

/// <summary>Lets everyone do everything.</summary>
internal sealed class Everyone : IAuthorizer
{
    public AccessDecision Authorize(in AccessQuestion question) => new(true, "");

    public AccessRules RulesFor(UserInfo user, string @namespace) => new([], [], "");
}

/// <summary>Knows only <c>system:masters</c>.</summary>
internal sealed class MastersOnly : IAuthorizer
{
    public AccessDecision Authorize(in AccessQuestion question) =>
        question.User.Groups.Contains(WellKnownGroups.Masters) ? new(true, "") : AccessDecision.NoOpinion;

    public AccessRules RulesFor(UserInfo user, string @namespace) => new([], [], "");
}
