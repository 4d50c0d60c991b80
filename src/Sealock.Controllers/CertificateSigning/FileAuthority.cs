// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Sealock.Pki;
using Sealock.Pki.Issuing;

namespace Sealock.Controllers.CertificateSigning;

/// <summary>
/// A CA in two files. They are looked at again when their times or sizes change, at most once a second; a pair that
/// is incomplete or does not fit (it may be half written) leaves the last good one in use.
/// </summary>
public sealed partial class FileAuthority(string certificateFile, string keyFile, TimeProvider time, ILogger logger)
    : ISigningAuthority
{
    private const int LongestFile = 1024 * 1024;
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private SigningAuthorityState _state = SigningAuthorityState.Missing("not read yet");
    private (DateTime, long, DateTime, long)? _stamp;
    private DateTimeOffset _lookedAt = DateTimeOffset.MinValue;

    /// <inheritdoc/>
    public SigningAuthorityState Current
    {
        get
        {
            lock (_gate)
            {
                var now = time.GetUtcNow();
                if (now - _lookedAt >= ShortestInterval)
                {
                    _lookedAt = now;
                    ReadIfChanged();
                }

                return _state;
            }
        }
    }

    private void ReadIfChanged()
    {
        try
        {
            var (certificate, key) = (new FileInfo(certificateFile), new FileInfo(keyFile));
            var stamp = (certificate.LastWriteTimeUtc, certificate.Length, key.LastWriteTimeUtc, key.Length);
            if (stamp == _stamp)
                return;
            if (certificate.Length > LongestFile || key.Length > LongestFile)
                throw new PkiFormatException("a CA file is larger than 1 MiB");
            var authority = CertificateAuthority.FromPem(File.ReadAllText(certificateFile), File.ReadAllText(keyFile));
            _state = SigningAuthorityState.Ready(authority);
            _stamp = stamp;
            LogLoaded(logger, certificateFile, authority.Certificate.Sha256Hex);
        }
        catch (Exception fault) when (fault is PkiFormatException or IOException or UnauthorizedAccessException)
        {
            if (_state.Authority is null)
                _state = SigningAuthorityState.Missing($"the CA in {certificateFile} and {keyFile} cannot be used: {fault.Message}");
            LogProblem(logger, certificateFile, keyFile, fault.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "loaded the CA of {File}, SHA-256 {Fingerprint}")]
    private static partial void LogLoaded(ILogger logger, string file, string fingerprint);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the CA in {File} and {KeyFile} cannot be used: {Problem}")]
    private static partial void LogProblem(ILogger logger, string file, string keyFile, string problem);
}
