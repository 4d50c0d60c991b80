// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Handshakes;
using Sealock.Pki.Inspection;

namespace Sealock.Cluster.Inspecting;

/// <summary>
/// Looks at targets: files, folders, manifests and the files they name, standard input, endpoints. Reads only; an endpoint is
/// sent nothing but a handshake. What cannot be read is a source that says so: one target's fault hides no other.
/// </summary>
/// <param name="options">How to read.</param>
/// <param name="clock">For the wait on endpoints.</param>
public sealed class Inspector(InspectionOptions options, TimeProvider clock)
{
    /// <summary>Looks at targets in order.</summary>
    /// <param name="targets">The targets.</param>
    /// <param name="standardInput">Opens standard input, where a target is that.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public async Task<IReadOnlyList<InspectedSource>> InspectAsync(
        IEnumerable<InspectionTarget> targets, Func<Stream> standardInput, CancellationToken cancellationToken)
    {
        var sources = new List<InspectedSource>();
        var files = new FileInspector(options);
        foreach (var target in targets)
        {
            switch (target)
            {
                case InspectionTarget.StandardInput:
                    var bytes = RootedFiles.Read(standardInput(), options.Contents.MaxBytes);
                    sources.AddRange(files.ReadBytes("standard input", bytes, Directory.GetCurrentDirectory()));
                    break;
                case InspectionTarget.FilePath { Path: var path }:
                    sources.AddRange(files.ReadPath(path, cancellationToken));
                    break;
                case InspectionTarget.Endpoint endpoint:
                    sources.Add(await AskAsync(endpoint, cancellationToken));
                    break;
                case InspectionTarget.Wrong { Remedy: var remedy }:
                    sources.Add(new() { Name = "target", Failure = remedy });
                    break;
            }
        }

        return sources;
    }

    private async Task<InspectedSource> AskAsync(InspectionTarget.Endpoint endpoint, CancellationToken cancellationToken)
    {
        var question = new EndpointQuestion
        {
            Host = endpoint.Host,
            Port = endpoint.Port,
            ServerName = options.ServerName,
            ApplicationProtocols = options.ApplicationProtocols,
            ConnectTimeout = options.Timeout,
            Timeout = options.Timeout,
            AnswerWait = TimeSpan.Zero,
        };
        var name = question.Endpoint;
        var answer = await EndpointProbe.FetchAsync(question, clock, cancellationToken);
        // A server that ends the handshake for want of a client certificate has shown its own by then.
        return new()
        {
            Name = name,
            Format = answer.Version ?? "TLS",
            IsServedChain = true,
            ExpectedHost = options.ServerName is { Length: > 0 } given ? given : endpoint.Host,
            Items = [.. answer.Chain.Select(certificate => new InspectedItem(new CertificateContent(certificate)) { Group = name })],
            Answer = answer,
            Failure = answer.Chain.Count > 0 ? null : answer.Failure ?? "it showed no certificate",
        };
    }
}
