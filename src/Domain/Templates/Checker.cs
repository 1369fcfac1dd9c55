namespace OrleansFlow.Domain.Templates;

/// <summary>What can be said about names before there are values.</summary>
internal static class Checker
{
    public static IReadOnlyList<TemplateError> Check(IEnumerable<NameExpr> names, TemplateScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        var errors =
            from name in names
            let problem = Vocabulary.Find(name, scope).Problem
            where problem is not null
            select new TemplateError(name.At, problem);
        return [.. errors];
    }

    public static IReadOnlyList<XcomReference> Xcoms(IEnumerable<NameExpr> names, TemplateScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return [.. names.Select(name => Vocabulary.Find(name, scope).Xcom).OfType<XcomReference>().Distinct()];
    }
}
