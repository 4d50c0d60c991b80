// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Sealock.Acme.Client;
using Sealock.Acme.Jose;
using Sealock.Hosting;
using Sealock.Pki;

namespace Sealock.Commands.Acme;

/// <summary>What a new account is asked for with.</summary>
internal sealed class RegistrationOptions
{
    private readonly Option<string[]> _email = new("--email") { Description = "how the CA reaches you; repeatable", HelpName = "ADDRESS" };
    private readonly Option<bool> _agree = new("--agree-tos") { Description = "agree to the server's terms of service" };
    private readonly Option<string> _kid = new("--eab-kid") { Description = "key identifier of an external account, where the CA demands one", HelpName = "ID" };
    private readonly Option<string> _hmac = new("--eab-hmac-file") { Description = "file with its HMAC key in base64url", HelpName = "FILE" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _email, _agree, _kid, _hmac })
            command.Options.Add(option);
    }

    /// <summary>Reads them; what is wrong is added to the mistakes.</summary>
    public AcmeAccountRequest Read(ParseResult result, List<string> mistakes)
    {
        var (kid, file) = (result.GetValue(_kid), result.GetValue(_hmac));
        ExternalAccount? external = null;
        if (kid is null != file is null)
            mistakes.Add("--eab-kid and --eab-hmac-file go together: give both, as the CA gave them to you");
        if (kid is not null && file is not null)
        {
            try
            {
                external = new(kid, File.ReadAllText(file));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or PkiFormatException)
            {
                mistakes.Add($"--eab-hmac-file: {PemFiles.Fault(file, error)}");
            }
        }

        return new() { Contact = Contact(result.GetValue(_email) ?? [], mistakes), AgreesToTerms = result.GetValue(_agree), ExternalAccount = external };
    }

    /// <summary>Addresses as ACME has them.</summary>
    public static IReadOnlyList<string> Contact(IEnumerable<string> addresses, List<string> mistakes)
    {
        var contact = new List<string>();
        foreach (var address in addresses)
        {
            if (address.Length is > 2 and <= 320 && address.Contains('@', StringComparison.Ordinal) && !address.AsSpan().ContainsAny(" ,?<>"))
                contact.Add($"mailto:{address}");
            else
                mistakes.Add($"--email: '{address}' is no email address");
        }

        return contact;
    }
}
