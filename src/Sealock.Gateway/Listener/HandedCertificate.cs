// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Gateway.Listener;

/// <summary>
/// A serving certificate that does not stand in files: it is served for its own names and by default, while the one in
/// the files goes on for those that only it has (loopback, names inside of the cluster).
/// </summary>
/// <param name="CertificatePem">The chain, leaf first.</param>
/// <param name="KeyPem">The leaf's key.</param>
/// <param name="CaPem">The CA that it leads to, which others are to trust; empty where that is one that everybody knows.</param>
public sealed record HandedCertificate(string CertificatePem, string KeyPem, string CaPem)
{
    /// <summary>Where it is from, for the log.</summary>
    public string Origin { get; init; } = "";

    /// <summary>The same in the words of metrics: <see cref="Metrics.MeasuredCertificate.Place"/>.</summary>
    public IReadOnlyList<(string Name, string Value)> Place { get; init; } = [];

    /// <summary>What keeps it from being served already where it stands, such as a missing entry; empty: nothing.</summary>
    public string Fault { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => Origin;
}
