// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;

// Kestrel with nothing around it: what it costs to answer the same bytes over TLS, whatever is asked.
// usage: Sealock.Bare PORT FOLDER     FOLDER: ca.crt, server.crt and server.key (PEM), answer.json
if (args is not [var port, var folder])
{
    await Console.Error.WriteLineAsync("usage: Sealock.Bare PORT FOLDER");
    return 2;
}

var answer = await File.ReadAllBytesAsync(Path.Combine(folder, "answer.json"));
using var ca = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, "ca.crt"));
using var server = X509Certificate2.CreateFromPemFile(Path.Combine(folder, "server.crt"), Path.Combine(folder, "server.key"));
var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Listen(IPAddress.Loopback, int.Parse(port, System.Globalization.CultureInfo.InvariantCulture), listen =>
        listen.UseHttps(new HttpsConnectionAdapterOptions
        {
            ServerCertificate = server,
            ClientCertificateMode = ClientCertificateMode.AllowCertificate,
            OnAuthenticate = (_, tls) => tls.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { ca },
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
            },
        }));
});
await using var app = builder.Build();
app.Run(context =>
{
    var response = context.Response;
    var headers = response.Headers;
    headers.ContentType = "application/json";
    headers.CacheControl = "no-cache, private";
    headers.StrictTransportSecurity = "max-age=31536000";
    headers.XContentTypeOptions = "nosniff";
    headers["audit-id"] = "db4cb2cb-5926-46a1-9ba4-704c75547e47";
    headers.ContentLength = answer.Length;
    return response.Body.WriteAsync(answer).AsTask();
});
await app.RunAsync();
return 0;
