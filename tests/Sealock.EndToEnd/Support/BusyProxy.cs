// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Tls;

namespace Sealock.EndToEnd.Support;

/// <summary>An HTTPS server in front of an ACME server, which turns requests away as a test says.</summary>
internal sealed class BusyProxy : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ServingCertificate _certificate;
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        SslOptions = new() { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    });

    private BusyProxy(WebApplication application, ServingCertificate certificate, string ca) =>
        (_application, _certificate, Ca) = (application, certificate, ca);

    /// <summary>The CA that its certificate is from, in PEM.</summary>
    public string Ca { get; }

    /// <summary>Its URL.</summary>
    public string Url { get; private set; } = "";

    /// <summary>The seconds that a request to a path is to wait; null lets it pass.</summary>
    public Func<string, int?> RetryAfter { get; set; } = _ => null;

    /// <summary>Requests by path, also those that were turned away.</summary>
    public List<string> Requests { get; } = [];

    public static async Task<BusyProxy> StartAsync(string target)
    {
        using var caKey = KeyPair.Generate();
        using var key = KeyPair.Generate();
        var now = TimeProvider.System.GetUtcNow();
        var ca = CertificateAuthority.CreateRoot("proxy's CA", caKey, now);
        var leaf = ca.Issue(new()
        {
            Subject = DistinguishedName.Create("proxy"),
            PublicKey = key.PublicKey,
            Profile = CertificateProfile.Server,
            Names = SubjectAlternativeNames.ForHosts("127.0.0.1"),
        }, now).Require();
        var certificate = ServingCertificate.Create([leaf], key);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate.Leaf)));
        var application = builder.Build();
        var proxy = new BusyProxy(application, certificate, ca.Certificate.ToPem());
        application.Run(context => proxy.AnswerAsync(context, target));
        await application.StartAsync();
        proxy.Url = application.Urls.First();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _certificate.Dispose();
        _http.Dispose();
    }

    private async Task AnswerAsync(HttpContext context, string target)
    {
        var path = context.Request.Path.Value ?? "";
        lock (Requests)
            Requests.Add(path);
        if (RetryAfter(path) is { } seconds)
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            context.Response.Headers.RetryAfter = $"{seconds}";
            context.Response.ContentType = "application/problem+json";
            await context.Response.WriteAsync("""{"type":"urn:ietf:params:acme:error:rateLimited","detail":"too many new orders"}""");
            return;
        }

        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(target + path));
        // The URLs in its answers, and those that are signed, are then this proxy's.
        request.Headers.Host = context.Request.Host.Value;
        request.Headers.TryAddWithoutValidation("User-Agent", "proxy");
        if (context.Request.ContentType is { } type)
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            request.Content = new ByteArrayContent(body.ToArray());
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        using var answer = await _http.SendAsync(request);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var header in answer.Headers.Concat(answer.Content.Headers).Where(header => header.Key is not ("Transfer-Encoding" or "Content-Length")))
            context.Response.Headers[header.Key] = header.Value.ToArray();
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        if (bytes.Length > 0)
            await context.Response.Body.WriteAsync(bytes);
    }
}
